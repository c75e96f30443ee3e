import { z } from "zod";
import { Message } from "./message.ts";

/** A day and a half of WeChat's three are used up at most, so that a send with a wait behind it still finds it. */
export const SENDABLE_MS = 2.5 * 24 * 3_600_000;

const runsOut = { until: z.number() };

/**
 * What content has become, small enough for a campaign's record: the message to send now, and what it takes to send
 * the same again. Times are milliseconds since the epoch.
 *
 * - `media`: pictures and voices, permanent material. Never runs out.
 * - `video`: permanent material too, but only an id of uploadvideo can be sent, and that is made anew before three
 *   days are over. WECHAT.md does not say how long it lives: three days, as other temporary media, is the safe guess.
 * - `draft`: used up by its first success, so every batch takes one of its own; its articles are kept
 *   (`store/contents.ts`).
 * - `news`: of uploadnews, three days like all temporary media, and good for many sends: nothing says that a success
 *   uses it up, and ten calls a day are too few for one a batch. Should WeChat answer 40007, it is made anew.
 */
export const Prepared = z.discriminatedUnion("as", [
  z.object({ as: z.literal("media"), message: Message }),
  z.object({
    as: z.literal("video"),
    message: Message,
    ...runsOut,
    permanentId: z.string(),
    title: z.string(),
    description: z.string(),
  }),
  z.object({ as: z.literal("draft"), message: Message }),
  z.object({ as: z.literal("news"), message: Message, ...runsOut }),
]);
export type Prepared = z.infer<typeof Prepared>;

/** An article as WeChat takes it: its pictures are WeChat's, its cover is a permanent thumb. */
export const ReadyArticle = z.strictObject({
  title: z.string(),
  author: z.string().exactOptional(),
  digest: z.string().exactOptional(),
  content: z.string(),
  thumbMediaId: z.string(),
  sourceUrl: z.string().exactOptional(),
  needOpenComment: z.union([z.literal(0), z.literal(1)]).exactOptional(),
  onlyFansCanComment: z.union([z.literal(0), z.literal(1)]).exactOptional(),
});
export type ReadyArticle = z.infer<typeof ReadyArticle>;

/** Whether a message can go out as it is. `usedUp`: a batch with this very media_id may have succeeded. */
export function isSendable(prepared: Prepared, { now, usedUp }: { now: number; usedUp: boolean }): boolean {
  if (prepared.as === "draft") return !usedUp;
  return prepared.as === "media" || now < prepared.until;
}
