import { Answer, errorIn, Id, type WechatError } from "./answer.ts";
import type { Reply } from "./client.ts";
import type { Wait } from "./errcode-entry.ts";
import { errcodeOf } from "./errcodes.ts";

/** The outcomes of a send (MECHANICS section 1), and `token`: replace it and pass the gate again. */
export type SendReply =
  | { readonly kind: "accepted"; readonly msgId: string; readonly msgDataId?: string }
  | { readonly kind: "already"; readonly msgId?: string; readonly error: WechatError }
  | { readonly kind: "doubt"; readonly error: WechatError }
  | { readonly kind: "not-now"; readonly wait: Wait; readonly error: WechatError }
  | { readonly kind: "token"; readonly error: WechatError }
  | { readonly kind: "never-left"; readonly error: WechatError }
  | {
      readonly kind: "refused";
      readonly cause: "message" | "recipients" | "call" | "unlisted";
      readonly error: WechatError;
    };

const SendAnswer = Answer.extend({ msg_data_id: Id.optional().catch(undefined) });

/** Whatever is not clearly one of the other outcomes is doubt: the message may have gone out. */
export function readSend(reply: Reply): SendReply {
  if (reply.kind === "never-left") return { kind: "never-left", error: { message: reply.message } };
  if (reply.kind === "unclear") return doubt(reply.message);
  const parsed = SendAnswer.safeParse(reply.body);
  if (!parsed.success) return doubt("the answer has no usable errcode");

  const { msg_id: msgId, msg_data_id: msgDataId, errcode, errmsg } = parsed.data;
  if (errcode !== 0) return readRefusal(errorIn({ errcode, errmsg }), errcode, msgId);
  if (msgId === undefined) return doubt("the answer has no msg_id");
  return { kind: "accepted", msgId, ...(msgDataId && { msgDataId }) };
}

function readRefusal(error: WechatError, errcode: number, msgId: string | undefined): SendReply {
  const { action } = errcodeOf(errcode);
  switch (action) {
    case "already":
      return { kind: "already", ...(msgId && { msgId }), error };
    case "ok":
    case "doubt":
      return { kind: "doubt", error };
    case "token":
      return { kind: "token", error };
    case "message":
    case "recipients":
    case "unlisted":
      return { kind: "refused", cause: action, error };
    case "refused":
      return { kind: "refused", cause: "call", error };
    default:
      return { kind: "not-now", wait: action, error };
  }
}

function doubt(message: string): SendReply {
  return { kind: "doubt", error: { message } };
}
