import { z } from "zod";
import { prose } from "./message.ts";

const DAYS_30 = 2_592_000;
const INT32_MAX = 2_147_483_647;

/** WeChat says "characters": the longer count of them is taken, that of UTF-16. */
const word = prose.min(1, "expected 1 to 64 characters").max(64, "expected 1 to 64 characters");

/** A number is WeChat's "32 bits, not 0" read the narrow way, which is in both readings. */
const number = (max: number) => z.int(`expected 1 to ${max}`).min(1).max(max, `expected 1 to ${max}`);

const scene = (max: number) => z.union([number(max), word], `expected 1 to ${max}, or 1 to 64 characters`);

/**
 * A QR code that tells by its scene where a follower came from (WECHAT.md section 9). A temporary one says for
 * how long it works, since WeChat's pages differ on what holds otherwise; an account has 100,000 permanent ones.
 */
export const QrCode = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("temporary"),
    scene: scene(INT32_MAX),
    expireSeconds: z
      .int(`expected 1 to ${DAYS_30} seconds`)
      .min(1)
      .max(DAYS_30, `expected 1 to ${DAYS_30} seconds`),
  }),
  z.strictObject({ kind: z.literal("permanent"), scene: scene(100_000) }),
]);
export type QrCode = z.infer<typeof QrCode>;
