import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher } from "undici";
import type { Logger } from "../log.ts";

/** A request of WeChat's as it came: nothing of it may be changed, for its signature is over it. */
export type WechatRequest = {
  /** Without its question mark. */
  readonly query: string;
  readonly body: Buffer;
  readonly header: (name: string) => string | undefined;
};

export type ForwardAnswer = {
  readonly status: number;
  readonly body: Buffer;
  readonly contentType: string | undefined;
};

const FORWARDED_HEADER = "x-qunfa-forwarded";

const ANSWER_MAX_BYTES = 1024 * 1024;
const CONNECTIONS_MAX = 128;

/** What WeChat itself allows (WECHAT.md section 6.2), with some room. */
const TRY_MS = 4_500;
const WAITS_MS = [0, 2_000, 10_000];

/** Requests that are tried in the background: further ones are given up, so that a dead handler fills no memory. */
const BACKGROUND_MAX = 200;

export type Forward = ReturnType<typeof openForward>;

/** One try that failed, or a callback that is not tried again. */
export type ForwardFailure = "refused" | "no-answer" | "given-up" | "left-out";

type Parts = {
  readonly log: Logger;
  readonly waitsMs?: readonly number[];
  readonly onFailure?: ((account: string, why: ForwardFailure) => void) | undefined;
};

/**
 * Passes WeChat's requests on to the handler of an account that the operator wrote into the accounts file: any
 * address, private ones too, TLS verified, no proxy and no redirects. Each on a connection of its own: one
 * that is kept and that the handler has just closed would lose a request, and nobody can tell whether it came.
 * No log line holds a query, a body or an answer, for there are people in all of them.
 */
export function openForward({ log, waitsMs = WAITS_MS, onFailure }: Parts) {
  const verified = { rejectUnauthorized: true };
  const agent = new Agent({ connections: CONNECTIONS_MAX, pipelining: 0, connect: verified });
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const background = new Set<Promise<void>>();

  async function post(to: string, request: WechatRequest, signal: AbortSignal): Promise<ForwardAnswer> {
    const { origin, path } = targetOf(to, request.query);
    const contentType = request.header("content-type");
    const answer = await agent.request({
      ...{ origin, path, method: "POST", body: request.body, headersTimeout: 0, bodyTimeout: 0 },
      headers: {
        ...(contentType !== undefined && { "content-type": contentType }),
        "accept-encoding": "identity",
        [FORWARDED_HEADER]: "1",
      },
      signal,
    });
    return {
      status: answer.statusCode,
      body: await bodyOf(answer.body),
      contentType: [answer.headers["content-type"]].flat()[0],
    };
  }

  /** What the handler answers, if it is a success that comes before `signal`; else the reason goes into the log. */
  async function ask(
    account: string,
    to: string,
    request: WechatRequest,
    signal: AbortSignal,
  ): Promise<ForwardAnswer | undefined> {
    try {
      const answer = await before(signal, () => post(to, request, signal));
      if (answer.status >= 200 && answer.status < 300) return answer;
      log.warn({ account, status: answer.status }, "The handler at forwardTo refused a callback");
      onFailure?.(account, "refused");
    } catch (error) {
      log.warn({ account, reason: reasonOf(error) }, "The handler at forwardTo gave no usable answer");
      onFailure?.(account, "no-answer");
    }
    return undefined;
  }

  async function tryAll(account: string, to: string, request: WechatRequest): Promise<void> {
    for (const waitMs of waitsMs) {
      await sleep(waitMs, undefined, { signal: closing.signal });
      if (await ask(account, to, request, AbortSignal.timeout(TRY_MS))) return;
    }
    log.warn({ account }, "A mass send's result could not be passed on to forwardTo");
    onFailure?.(account, "given-up");
  }

  return {
    ask,

    /** Passes a request on in the background, three times at most. What is under way when the process ends is lost. */
    later(account: string, to: string, request: WechatRequest): void {
      if (background.size >= BACKGROUND_MAX) {
        log.warn({ account }, "Too many callbacks are being passed on to forwardTo: one was left out");
        onFailure?.(account, "left-out");
        return;
      }
      // It rejects only when it is cut short by `close`.
      const work = tryAll(account, to, request).catch(() => {});
      background.add(work);
      void work.finally(() => background.delete(work));
    },

    /** Cuts what is under way. */
    async close(): Promise<void> {
      closing.abort();
      await agent.destroy();
      await Promise.all(background);
    },
  };
}

/** Whether qunfa has passed this request on itself: it has come back and must go no further. */
export function cameBack(request: WechatRequest): boolean {
  return request.header(FORWARDED_HEADER) !== undefined;
}

/** The handler's own query comes first, as in the addresses that WeChat calls. */
function targetOf(to: string, query: string): { origin: string; path: string } {
  const { origin, pathname, search } = new URL(to);
  const parts = [search.slice(1), query].filter((part) => part !== "");
  return { origin, path: parts.length === 0 ? pathname : `${pathname}?${parts.join("&")}` };
}

/** undici looks at a signal only once it is connected, which may take ten seconds. */
async function before<Value>(signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const isLate = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work(), isLate]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function bodyOf(body: Dispatcher.ResponseData["body"]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the body, and its connection with it.
    if (bytes > ANSWER_MAX_BYTES) throw new Error(`the answer is longer than ${ANSWER_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.name === "TimeoutError" ? "too late" : String(code ?? error.message);
}
