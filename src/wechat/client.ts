import { type Dispatcher, type FormData, Response } from "undici";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { openDispatcher, type ProxySettings } from "./dispatcher.ts";
import { exchange, type Outcome } from "./exchange.ts";
import { parseJson } from "./json.ts";
import { querySuffix } from "./query.ts";
import { textOf } from "./text.ts";

const ANSWER_MAX_BYTES = 1024 * 1024;

/** For 10 MB, the largest file that WeChat takes, at 90 kB a second. */
const UPLOAD_TIMEOUT_MS = 120_000;

export type CallRequest = {
  readonly path: string;
  /** The access token, which goes into the query. */
  readonly token?: string;
  /** What else the query says. */
  readonly query?: Readonly<Record<string, string>>;
  /** JSON text: a POST. Without this and `form` the call is a GET. */
  readonly body?: string;
  /** Files and fields: a multipart POST, held in memory as a whole. File names go as UTF-8, as browsers send them. */
  readonly form?: FormData;
  /**
   * On a connection of its own: a kept-alive one that the server has just closed would put the call in
   * doubt (MECHANICS section 1).
   */
  readonly alone?: boolean;
};

/** `late`: its time was over. */
export type Reply =
  /** HTTP 200 and JSON, whatever it says; see `parseJson` for its numbers. */
  | { readonly kind: "answered"; readonly body: unknown }
  /** The request may have reached WeChat; its answer was lost or makes no sense. */
  | { readonly kind: "unclear"; readonly message: string; readonly late?: true }
  /** No byte of the request was handed to a socket. */
  | { readonly kind: "never-left"; readonly message: string; readonly late?: true };

export type Call = (request: CallRequest) => Promise<Reply>;

export type Client = ReturnType<typeof openClient>;

/**
 * HTTP to WeChat for one account. `call` never rejects, and no message of its reply holds the token.
 * A call takes at most `sendTimeoutMs` in all, one with a form `uploadTimeoutMs`.
 */
export function openClient(of: {
  account: { readonly apiBase: string };
  sendTimeoutMs: number;
  uploadTimeoutMs?: number;
  proxy: ProxySettings;
  clock: Clock;
  log: Logger;
}) {
  const base = new URL(of.account.apiBase);
  const prefix = base.pathname.replace(/\/$/, "");
  const { uploadTimeoutMs = UPLOAD_TIMEOUT_MS } = of;
  const shared = openDispatcher(of.proxy);

  const call: Call = async ({ path, alone = false, ...request }) => {
    const dispatcher = alone ? openDispatcher(of.proxy) : shared;
    const timeoutMs = request.form ? uploadTimeoutMs : of.sendTimeoutMs;
    const askedAt = of.clock.now();
    try {
      const outcome = await exchange(
        dispatcher,
        { origin: base.origin, path: `${prefix}${path}${queryOf(request)}`, ...(await contentOf(request)) },
        { timeoutMs, maxBytes: ANSWER_MAX_BYTES },
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

function queryOf({ token, query }: Pick<CallRequest, "token" | "query">): string {
  return querySuffix({ ...(token !== undefined && { access_token: token }), ...query });
}

async function contentOf({
  body,
  form,
}: Pick<CallRequest, "body" | "form">): Promise<
  Pick<Dispatcher.DispatchOptions, "method" | "headers" | "body">
> {
  if (form) {
    const whole = new Response(form);
    const headers = { "content-type": whole.headers.get("content-type") ?? "" };
    return { method: "POST", headers, body: Buffer.from(await whole.arrayBuffer()) };
  }
  if (body === undefined) return { method: "GET" };
  return { method: "POST", headers: { "content-type": "application/json; charset=utf-8" }, body };
}

function readOutcome(outcome: Outcome): Reply {
  if (outcome.kind === "trouble") {
    const late = outcome.late && { late: outcome.late };
    return { kind: outcome.left ? "unclear" : "never-left", message: outcome.reason, ...late };
  }
  if (outcome.status !== 200) return { kind: "unclear", message: `HTTP status ${outcome.status}` };
  try {
    const text = textOf(outcome.body, outcome.encoding, ANSWER_MAX_BYTES);
    return { kind: "answered", body: parseJson(text) };
  } catch {
    return { kind: "unclear", message: "the answer is not JSON" };
  }
}
