import type { Context } from "hono";
import { z } from "zod";
import { Failure, failures } from "../failure.ts";
import type { Logger } from "../log.ts";
import { readBody } from "./body.ts";
import { inTime } from "./in-time.ts";
import { documented } from "./route.ts";

/** WeChat itself gives up after 5 s (WECHAT.md section 6.2). */
const BODY_LIMITS = { limitBytes: 1024 * 1024, withinMs: 10_000 };

/** Storing takes several commands; WeChat is to hear before it gives up that it has to send again. */
const STORE_MS = 3_000;

/** All of it, the answer of another handler included: what comes later than 5 s WeChat does not hear. */
const ANSWER_MS = 4_500;

export type Query = Readonly<Record<string, string>>;

/** A callback as it came. */
export type CallbackRequest = {
  /** Without its question mark. */
  readonly query: string;
  readonly body: Buffer;
  readonly header: (name: string) => string | undefined;
};

/** What another handler of the account's callbacks says to WeChat. */
export type CallbackAnswer = {
  readonly status: number;
  readonly body: Buffer;
  readonly contentType: string | undefined;
};

/** What this door needs of WeChat's side; `compose.ts` hands it over. `account` is an id of the accounts file. */
export type Callbacks<Event> = {
  isAccount(account: string): boolean;
  /** The echostr to send back. Throws BAD_CALLBACK or BAD_SIGNATURE. */
  verifyCallback(account: string, query: Query): string;
  /** The event in a message. Throws BAD_CALLBACK or BAD_SIGNATURE. */
  readCallback(account: string, query: Query, body: Buffer): Event;
  /** Told of a callback that is refused, by the failure's code. */
  onRefuse?(account: string, code: string): void;
  /** Resolves once the event is stored. */
  deliver(account: string, event: Event): Promise<void>;
  /** Passes a stored callback on to the account's own handler; its answer, if there is one before `signal`. */
  passOn(
    account: string,
    event: Event,
    request: CallbackRequest,
    signal: AbortSignal,
  ): Promise<CallbackAnswer | undefined>;
};

const word = z.string().optional();
const SignedQuery = z.looseObject({
  signature: word,
  timestamp: word,
  nonce: word,
  msg_signature: word,
  encrypt_type: word,
});
const EchoQuery = SignedQuery.extend({ echostr: word });

/** WeChat's callback URL (WECHAT.md section 6). */
export function createCallbackHandlers<Event>(callbacks: Callbacks<Event>, log: Logger) {
  function accountIn(c: Context): string {
    const account = c.req.param("account") ?? "";
    if (!callbacks.isAccount(account)) throw new Failure("NOT_FOUND", "There is no such account.");
    return account;
  }

  /** Logs a refusal without a word of what was sent: it may hold OpenIDs, and a forger chose it. */
  async function noted<Result>(account: string, read: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof Failure && failures[error.code].status < 500) {
        log.warn({ account, code: error.code, reason: error.message }, "Callback refused");
        callbacks.onRefuse?.(account, error.code);
      }
      throw error;
    }
  }

  return {
    verify: documented(
      {
        id: "verifyCallback",
        summary: "Answers WeChat's question whether the callback URL is ours.",
        tag: "WeChat",
        query: EchoQuery,
        answers: { 200: { "text/plain": z.string() } },
        fails: ["BAD_CALLBACK", "BAD_SIGNATURE"],
      },
      async (c) => {
        const account = accountIn(c);
        return c.text(await noted(account, () => callbacks.verifyCallback(account, c.req.query())));
      },
    ),

    /**
     * An answer goes out only after the event is stored: anything but a success makes WeChat send it again. It
     * is that of the account's own handler, if it has one that says something in time, else `success`.
     */
    receive: documented(
      {
        id: "receiveCallback",
        summary: "Takes a callback of WeChat, plain or encrypted, and answers once it is stored.",
        more: "`success`, or of an account with `forwardTo` what that handler answers, of whatever kind.",
        tag: "WeChat",
        query: SignedQuery,
        body: { "text/xml": z.string(), "application/xml": z.string() },
        answers: { 200: { "text/plain": z.string(), "*/*": null }, "2XX": { "*/*": null } },
        fails: ["BAD_CALLBACK", "BAD_SIGNATURE", "BAD_REQUEST", "TOO_LARGE", "TOO_SLOW"],
      },
      async (c) => {
        const signal = AbortSignal.timeout(ANSWER_MS);
        const account = accountIn(c);
        const { body, event } = await noted(account, async () => {
          const body = await readBody(c.req.raw, BODY_LIMITS);
          return { body, event: callbacks.readCallback(account, c.req.query(), body) };
        });
        await inTime(callbacks.deliver(account, event), STORE_MS);
        const request = { query: queryOf(c), body, header: (name: string) => c.req.header(name) };
        const answer = await callbacks.passOn(account, event, request, signal);
        return answer ? responseOf(answer) : c.text("success");
      },
    ),
  };
}

/** As it stands in the address: what is decoded and encoded again need not be the same. */
function queryOf(c: Context): string {
  const at = c.req.url.indexOf("?");
  return at < 0 ? "" : c.req.url.slice(at + 1);
}

function responseOf({ status, body, contentType }: CallbackAnswer): Response {
  const headers = contentType === undefined ? undefined : { "content-type": contentType };
  // A Response of these refuses a body, an empty one too.
  const content = status === 204 || status === 205 ? null : new Uint8Array(body);
  return new Response(content, { status, ...(headers && { headers }) });
}
