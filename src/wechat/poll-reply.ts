import { z } from "zod";
import { Answer, errorIn, type WechatError } from "./answer.ts";
import type { Reply } from "./client.ts";
import { isWait, type Wait } from "./errcode-entry.ts";
import { errcodeOf } from "./errcodes.ts";
import type { TokenRefused } from "./with-token.ts";

/** What mass/get knows of a send; it never tells counts (WECHAT.md section 2.6). */
export const MassStatus = z.enum(["SEND_SUCCESS", "SENDING", "SEND_FAIL", "DELETE"]);
export type MassStatus = z.infer<typeof MassStatus>;

export type PollReply =
  | { readonly kind: "status"; readonly status: MassStatus }
  | { readonly kind: "not-now"; readonly wait: Wait; readonly error: WechatError }
  | { readonly kind: "unclear"; readonly error: WechatError };

/** `token`: the poll was refused because of its access token. */
export type PollOrToken = PollReply | TokenRefused;

/** Whatever is not clear stays `unclear`: a poll is only ever asked again. */
export function readPoll(reply: Reply, msgId: string): PollOrToken {
  if (reply.kind !== "answered") return unclear(reply.message);
  const parsed = Answer.safeParse(reply.body);
  if (!parsed.success) return unclear("the answer has no usable errcode");

  const answer = parsed.data;
  if (answer.errcode !== 0) return readRefusal(errorIn(answer), answer.errcode);
  if (answer.msg_id !== undefined && answer.msg_id !== msgId)
    return unclear("the answer is about another msg_id");
  const status = MassStatus.safeParse(answer.msg_status);
  return status.success
    ? { kind: "status", status: status.data }
    : unclear("the answer has no known msg_status");
}

function readRefusal(error: WechatError, errcode: number): PollOrToken {
  const { action } = errcodeOf(errcode);
  if (action === "token") return { kind: "token", error };
  return isWait(action) ? { kind: "not-now", wait: action, error } : { kind: "unclear", error };
}

function unclear(message: string): PollReply {
  return { kind: "unclear", error: { message } };
}
