import type { Context } from "hono";
import { Failure, failures } from "../failure.ts";
import type { Logger } from "../log.ts";
import { readBody } from "./body.ts";
import { inTime } from "./in-time.ts";

/** WeChat itself gives up after 5 s (WECHAT.md section 6.2). */
const BODY_LIMITS = { limitBytes: 1024 * 1024, withinMs: 10_000 };

/** Storing takes several commands; WeChat is to hear before it gives up that it has to send again. */
const STORE_MS = 3_000;

export type Query = Readonly<Record<string, string>>;

/** What this door needs of WeChat's side; `compose.ts` hands it over. `account` is an id of the accounts file. */
export type Callbacks<Event> = {
  isAccount(account: string): boolean;
  /** The echostr to send back. Throws BAD_CALLBACK or BAD_SIGNATURE. */
  verifyCallback(account: string, query: Query): string;
  /** The event in a message. Throws BAD_CALLBACK or BAD_SIGNATURE. */
  readCallback(account: string, query: Query, body: Buffer): Event;
  /** Resolves once the event is stored. */
  deliver(account: string, event: Event): Promise<void>;
};

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
      if (error instanceof Failure && failures[error.code].status < 500)
        log.warn({ account, code: error.code, reason: error.message }, "Callback refused");
      throw error;
    }
  }

  return {
    async verify(c: Context) {
      const account = accountIn(c);
      return c.text(await noted(account, () => callbacks.verifyCallback(account, c.req.query())));
    },

    /** `success` goes out only after the event is stored: any other answer makes WeChat send it again. */
    async receive(c: Context) {
      const account = accountIn(c);
      const event = await noted(account, async () =>
        callbacks.readCallback(account, c.req.query(), await readBody(c.req.raw, BODY_LIMITS)),
      );
      await inTime(callbacks.deliver(account, event), STORE_MS);
      return c.text("success");
    },
  };
}
