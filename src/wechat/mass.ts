import type { Message } from "../campaign/message.ts";
import type { Call } from "./client.ts";
import { type PollOrToken, type PollReply, readPoll } from "./poll-reply.ts";
import { readSend, type SendReply } from "./send-reply.ts";
import { type Tokens, withToken } from "./with-token.ts";

/** Whom a send goes to: WeChat expands a tag, and all, by itself. */
export type Target =
  | { readonly openids: readonly string[] }
  | { readonly tagId: number }
  | { readonly all: true };

export type MassSend = {
  readonly message: Message;
  readonly sendIgnoreReprint: 0 | 1;
  readonly clientmsgid: string;
  readonly target: Target;
};

/** A send that is ready to go: its interface and its body. */
export type PreparedSend = { readonly path: string; readonly body: string };

export type Mass = ReturnType<typeof createMass>;

/** Sends of one account and what became of them (WECHAT.md sections 2.2, 2.3 and 2.6). */
export function createMass({ call, token: tokens }: { call: Call; token: Tokens }) {
  const poll = async (token: string, msgId: string): Promise<PollOrToken> => {
    // As a string: the sample of WECHAT.md section 2.6 has one, and it stays exact.
    const body = JSON.stringify({ msg_id: msgId });
    return readPoll(await call({ path: "/cgi-bin/message/mass/get", token, body }), msgId);
  };

  return {
    /** A send, made before the gate. JSON.stringify writes raw UTF-8, as WeChat asks for. */
    prepare({ message, sendIgnoreReprint, clientmsgid, target }: MassSend): PreparedSend {
      const { path, audience } = addressOf(target);
      const rest = { ...message, send_ignore_reprint: sendIgnoreReprint, clientmsgid };
      return { path, body: JSON.stringify({ ...audience, ...rest }) };
    },

    /**
     * Exactly one HTTP request, since each counts a unit of the day's quota: a bad token is answered with
     * `token`, and the one who asked replaces it and passes the gate again.
     */
    async send(token: string, { path, body }: PreparedSend): Promise<SendReply> {
      return readSend(await call({ path, token, body, alone: true }));
    },

    /** What became of a send. A bad token is replaced, once, on the way. */
    get(msgId: string): Promise<PollReply> {
      return withToken(tokens, (token) => poll(token, msgId));
    },
  };
}

/**
 * To all goes without a tag_id, which WeChat's page calls ignorable there (WECHAT.md section 2.2). Of a
 * wrong type either field of the filter is refused: a real boolean, a real number.
 */
function addressOf(target: Target): { path: string; audience: object } {
  if ("openids" in target)
    return { path: "/cgi-bin/message/mass/send", audience: { touser: target.openids } };
  const filter = "tagId" in target ? { is_to_all: false, tag_id: target.tagId } : { is_to_all: true };
  return { path: "/cgi-bin/message/mass/sendall", audience: { filter } };
}
