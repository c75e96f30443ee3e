import type { Context } from "hono";
import { z } from "zod";
import { QrCode } from "../campaign/qrcode.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { QrCodes } from "../wechat/qrcode.ts";
import { valueIn } from "../wechat/value-in.ts";
import { type Accounts, accountIn } from "./account.ts";
import { IsoTime, isoTime } from "./iso-time.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, readQuery } from "./query.ts";
import { ASKING_WECHAT, documented } from "./route.ts";

type QrCodeCalls = Pick<QrCodes, "create" | "picture">;

const QrCodeView = z
  .object({
    ticket: z.string(),
    url: z.string().describe("What the code says, for those who draw it themselves."),
    expiresAt: IsoTime.nullable().describe("Null of a permanent one."),
  })
  .meta({ id: "QrCode" });
type QrCodeView = z.infer<typeof QrCodeView>;

/** QR codes that tell by their scene where a follower came from (WECHAT.md section 9). */
export function createQrCodeHandlers(
  codesOf: (account: string) => QrCodeCalls,
  accounts: Accounts,
  clock: Clock,
) {
  const codesIn = (c: Context): QrCodeCalls => {
    readQuery(c, NoQuery);
    return codesOf(accountIn(c, accounts).id);
  };
  return {
    create: documented(
      {
        id: "createQrCode",
        summary: "Makes a QR code that tells by its scene where a follower came from.",
        tag: "Accounts",
        body: QrCode,
        answers: { 201: QrCodeView },
        fails: ASKING_WECHAT,
      },
      async (c) => {
        const codes = codesIn(c);
        const code = await readBodyAs(c, QrCode);
        const { ticket, url, expireSeconds } = valueIn(await codes.create(code));
        const expiresAt = expireSeconds === undefined ? null : clock.now() + expireSeconds * 1_000;
        return c.json({ ticket, url, expiresAt: isoTime(expiresAt) } satisfies QrCodeView, 201);
      },
    ),

    picture: documented(
      {
        id: "getQrCodePicture",
        summary: "Hands on the picture of a QR code, as WeChat has it.",
        tag: "Accounts",
        params: {
          file: z
            .string()
            .regex(/^.{1,512}\.jpg$/)
            .describe("The ticket, and `.jpg`."),
        },
        answers: { 200: { "image/*": null } },
        fails: ASKING_WECHAT,
      },
      async (c) => {
        const codes = codesIn(c);
        const ticket = /^(.+)\.jpg$/.exec(c.req.param("file") ?? "")?.[1];
        if (ticket === undefined || ticket.length > 512) throw noSuchCode();
        const reply = await codes.picture(ticket);
        if (reply.kind === "refused") throw noSuchCode();
        const { bytes, contentType } = valueIn(reply);
        // WeChat's image/jpg is no type that is registered.
        const type = contentType.replace(/^image\/jpg\b/i, "image/jpeg");
        return c.body(new Uint8Array(bytes), 200, { "Content-Type": type });
      },
    ),
  };
}

function noSuchCode(): Failure {
  return new Failure("NOT_FOUND", "There is no such code.");
}
