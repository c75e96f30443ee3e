import type { Message } from "../campaign/message.ts";
import { Failure } from "../failure.ts";
import type { AccessToken } from "./access-token.ts";
import type { WechatError } from "./answer.ts";
import type { Call } from "./client.ts";
import { type PollOrToken, type PollReply, readPoll } from "./poll-reply.ts";
import { readSend, type SendReply } from "./send-reply.ts";

export type MassSend = {
  readonly message: Message;
  readonly sendIgnoreReprint: 0 | 1;
  readonly clientmsgid: string;
  readonly openids: readonly string[];
};

export type Mass = ReturnType<typeof createMass>;

/** The mass interface of one account (WECHAT.md sections 2.3 and 2.6). */
export function createMass({
  call,
  token: tokens,
}: {
  call: Call;
  token: Pick<AccessToken, "get" | "replace">;
}) {
  const poll = async (token: string, msgId: string): Promise<PollOrToken> => {
    // As a string: the sample of WECHAT.md section 2.6 has one, and it stays exact.
    const body = JSON.stringify({ msg_id: msgId });
    return readPoll(await call({ path: "/cgi-bin/message/mass/get", token, body }), msgId);
  };

  return {
    /** The body of a send, made before the gate. JSON.stringify writes raw UTF-8, as WeChat asks for. */
    prepare({ message, sendIgnoreReprint, clientmsgid, openids }: MassSend): string {
      return JSON.stringify({
        touser: openids,
        ...message,
        send_ignore_reprint: sendIgnoreReprint,
        clientmsgid,
      });
    },

    /**
     * Exactly one HTTP request, since each counts a unit of the day's quota: a bad token is answered with
     * `token`, and the one who asked replaces it and passes the gate again.
     */
    async send(token: string, body: string): Promise<SendReply> {
      return readSend(await call({ path: "/cgi-bin/message/mass/send", token, body, alone: true }));
    },

    /** What became of a send. A bad token is replaced, once, on the way. */
    async get(msgId: string): Promise<PollReply> {
      try {
        const token = await tokens.get();
        const first = await poll(token, msgId);
        if (first.kind !== "token") return first;
        const second = await poll(await tokens.replace(token), msgId);
        return second.kind === "token" ? { kind: "not-now", wait: "account", error: second.error } : second;
      } catch (failure) {
        return withoutToken(failure);
      }
    },
  };
}

/** A poll that got no token: trouble of the account, or of the network. Anything else is the caller's. */
function withoutToken(failure: unknown): PollReply {
  if (!(failure instanceof Failure)) throw failure;
  const { errcode, rid } = failure.details as Pick<WechatError, "errcode" | "rid">;
  const error = { message: failure.message, ...(errcode !== undefined && { errcode }), ...(rid && { rid }) };
  if (failure.code === "TOKEN_REFUSED") return { kind: "not-now", wait: "account", error };
  if (failure.code === "WECHAT_UNREACHABLE") return { kind: "unclear", error };
  throw failure;
}
