import type { Context } from "hono";
import { QrCode } from "../campaign/qrcode.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { QrCodes } from "../wechat/qrcode.ts";
import { valueIn } from "../wechat/value-in.ts";
import { type Accounts, accountIn } from "./account.ts";
import { isoTime } from "./iso-time.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, readQuery } from "./query.ts";

type QrCodeCalls = Pick<QrCodes, "create" | "picture">;

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
    /** `expiresAt` is null of a permanent one. */
    async create(c: Context) {
      const codes = codesIn(c);
      const code = await readBodyAs(c, QrCode);
      const { ticket, url, expireSeconds } = valueIn(await codes.create(code));
      const expiresAt = expireSeconds === undefined ? null : clock.now() + expireSeconds * 1_000;
      return c.json({ ticket, url, expiresAt: isoTime(expiresAt) }, 201);
    },

    /** Its picture, as WeChat has it. */
    async picture(c: Context) {
      const codes = codesIn(c);
      const ticket = /^(.+)\.jpg$/.exec(c.req.param("file") ?? "")?.[1];
      if (ticket === undefined || ticket.length > 512) throw noSuchCode();
      const reply = await codes.picture(ticket);
      if (reply.kind === "refused") throw noSuchCode();
      const { bytes, contentType } = valueIn(reply);
      return c.body(new Uint8Array(bytes), 200, { "Content-Type": contentType });
    },
  };
}

function noSuchCode(): Failure {
  return new Failure("NOT_FOUND", "There is no such code.");
}
