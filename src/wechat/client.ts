import type { Dispatcher } from "undici";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { openDispatcher, type ProxySettings } from "./dispatcher.ts";
import { exchange, type Outcome } from "./exchange.ts";
import { parseJson } from "./json.ts";
import { textOf } from "./text.ts";

const ANSWER_MAX_BYTES = 1024 * 1024;

export type CallRequest = {
  readonly path: string;
  /** The access token, which goes into the query. */
  readonly token?: string;
  /** JSON text: a POST. Without one the call is a GET. */
  readonly body?: string;
  /**
   * On a connection of its own: a kept-alive one that the server has just closed would put the call in
   * doubt (MECHANICS section 1).
   */
  readonly alone?: boolean;
};

export type Reply =
  /** HTTP 200 and JSON, whatever it says; see `parseJson` for its numbers. */
  | { readonly kind: "answered"; readonly body: unknown }
  /** The request may have reached WeChat; its answer was lost or makes no sense. */
  | { readonly kind: "unclear"; readonly message: string }
  /** No byte of the request was handed to a socket. */
  | { readonly kind: "never-left"; readonly message: string };

export type Call = (request: CallRequest) => Promise<Reply>;

export type Client = ReturnType<typeof openClient>;

/**
 * HTTP to WeChat for one account. `call` never rejects, and no message of its reply holds the token.
 * A call takes at most `sendTimeoutMs` in all.
 */
export function openClient(of: {
  account: { readonly apiBase: string };
  sendTimeoutMs: number;
  proxy: ProxySettings;
  clock: Clock;
  log: Logger;
}) {
  const base = new URL(of.account.apiBase);
  const prefix = base.pathname.replace(/\/$/, "");
  const limits = { timeoutMs: of.sendTimeoutMs, maxBytes: ANSWER_MAX_BYTES };
  const shared = openDispatcher(of.proxy);

  const call: Call = async ({ path, token, body, alone = false }) => {
    const dispatcher = alone ? openDispatcher(of.proxy) : shared;
    const query = token === undefined ? "" : `?access_token=${encodeURIComponent(token)}`;
    const askedAt = of.clock.now();
    try {
      const outcome = await exchange(
        dispatcher,
        { origin: base.origin, path: `${prefix}${path}${query}`, ...contentOf(body) },
        limits,
      );
      const reply = readOutcome(outcome);
      of.log.debug({ path, outcome: reply.kind, ms: of.clock.now() - askedAt }, "Called WeChat");
      return reply;
    } finally {
      if (alone) await dispatcher.destroy().catch(() => {});
    }
  };

  // Not `close`, which would wait for connections that may never come about. Sends have their own.
  return { call, close: () => shared.destroy() };
}

function contentOf(
  body: string | undefined,
): Pick<Dispatcher.DispatchOptions, "method" | "headers" | "body"> {
  if (body === undefined) return { method: "GET" };
  return { method: "POST", headers: { "content-type": "application/json; charset=utf-8" }, body };
}

function readOutcome(outcome: Outcome): Reply {
  if (outcome.kind === "trouble") {
    return { kind: outcome.left ? "unclear" : "never-left", message: outcome.reason };
  }
  if (outcome.status !== 200) return { kind: "unclear", message: `HTTP status ${outcome.status}` };
  try {
    const text = textOf(outcome.body, outcome.encoding, ANSWER_MAX_BYTES);
    return { kind: "answered", body: parseJson(text) };
  } catch {
    return { kind: "unclear", message: "the answer is not JSON" };
  }
}
