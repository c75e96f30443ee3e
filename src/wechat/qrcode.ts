import { z } from "zod";
import type { QrCode } from "../campaign/qrcode.ts";
import { createApi } from "./api.ts";
import type { ApiReply } from "./api-reply.ts";
import type { Call } from "./client.ts";
import type { Download } from "./download.ts";
import { querySuffix } from "./query.ts";
import type { Tokens } from "./with-token.ts";

/** A code that was made: `ticket` brings its picture, `url` is what the picture says. */
export type QrTicket = { readonly ticket: string; readonly url: string; readonly expireSeconds?: number };

export type QrPicture = { readonly bytes: Uint8Array; readonly contentType: string };

const TicketAnswer = z
  .object({ ticket: z.string().min(1), url: z.string(), expire_seconds: z.number().optional() })
  .transform(({ ticket, url, expire_seconds }): QrTicket => {
    return { ticket, url, ...(expire_seconds !== undefined && { expireSeconds: expire_seconds }) };
  });

export type QrCodes = ReturnType<typeof createQrCodes>;

const PICTURE_PATH = "/cgi-bin/showqrcode";

/** Where anybody can have the picture of a code. */
export function pictureUrl(mpBase: string, ticket: string): string {
  return `${mpBase.replace(/\/$/, "")}${PICTURE_PATH}${querySuffix({ ticket })}`;
}

/** QR codes with a scene, of one account (WECHAT.md section 9). */
export function createQrCodes(parts: { call: Call; token: Tokens; download: Download }) {
  const { ask } = createApi(parts);
  return {
    create(code: QrCode): Promise<ApiReply<QrTicket>> {
      return ask({ path: "/cgi-bin/qrcode/create", body: JSON.stringify(wireOf(code)) }, TicketAnswer);
    },

    /** The picture of a code; `refused` for a ticket that WeChat does not know. */
    async picture(ticket: string): Promise<ApiReply<QrPicture>> {
      const reply = await parts.download({ path: PICTURE_PATH, query: { ticket } });
      if (reply.kind === "missing") return { kind: "refused", error: { message: "there is no such ticket" } };
      if (reply.kind !== "bytes") return { kind: reply.kind, error: { message: reply.message } };
      const { bytes, contentType } = reply;
      if (!/^image\//i.test(contentType))
        return { kind: "unclear", error: { message: "the answer is no picture" } };
      return { kind: "done", value: { bytes, contentType } };
    },
  };
}

function wireOf(code: QrCode): object {
  const isNumber = typeof code.scene === "number";
  const scene = isNumber ? { scene_id: code.scene } : { scene_str: code.scene };
  const action_info = { scene };
  return code.kind === "permanent"
    ? { action_name: isNumber ? "QR_LIMIT_SCENE" : "QR_LIMIT_STR_SCENE", action_info }
    : {
        expire_seconds: code.expireSeconds,
        action_name: isNumber ? "QR_SCENE" : "QR_STR_SCENE",
        action_info,
      };
}
