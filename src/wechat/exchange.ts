import type { Dispatcher } from "undici";

export type Outcome =
  | {
      readonly kind: "response";
      readonly status: number;
      /** The Content-Encoding, "" for none. */
      readonly encoding: string;
      /** The Content-Type, "" for none. */
      readonly contentType: string;
      readonly body: Buffer;
    }
  /** `left`: bytes of the request may have gone out, so the other side may have acted on it. */
  | { readonly kind: "trouble"; readonly left: boolean; readonly reason: string; readonly late?: true };

export type ExchangeLimits = { readonly timeoutMs: number; readonly maxBytes: number };

/**
 * One request and its whole answer, both within one time-out from the look-up of the name to the last
 * byte. Never rejects.
 *
 * undici calls `onRequestStart` right before it writes the request to a connected socket, and an abort in
 * it keeps the request from being written (`writeH1` in its client-h1.js). The connection to a proxy and
 * the tunnel through it are requests of their own, with handlers of their own (proxy-agent.js). So a
 * request that was never started has never left.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { timeoutMs, maxBytes }: ExchangeLimits,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let started: Dispatcher.DispatchController | undefined;
    let settled = false;
    let status = 0;
    let encoding = "";
    let contentType = "";
    let size = 0;
    const chunks: Buffer[] = [];

    const settle = (outcome: Outcome) => {
      clearTimeout(timer);
      settled = true;
      resolve(outcome);
    };
    const fail = (reason: string, late?: true) =>
      settle({ kind: "trouble", left: started !== undefined, reason, ...(late && { late }) });
    const giveUp = (reason: string, late?: true) => {
      fail(reason, late);
      started?.abort(new Error(reason));
    };
    const timer = setTimeout(() => giveUp(`no complete answer within ${timeoutMs} ms`, true), timeoutMs);

    dispatcher.dispatch(
      { ...request, headersTimeout: 0, bodyTimeout: 0 },
      {
        onRequestStart(controller) {
          // Too late, or undici is about to write the same request once more: neither may go out.
          if (settled || started) controller.abort(new Error("the request is not written twice"));
          else started = controller;
        },
        onResponseStart(_controller, statusCode, headers) {
          status = statusCode;
          encoding = String(headers["content-encoding"] ?? "");
          contentType = String(headers["content-type"] ?? "");
        },
        onResponseData(_controller, chunk) {
          size += chunk.length;
          if (size > maxBytes) giveUp(`the answer is longer than ${maxBytes} bytes`);
          else chunks.push(chunk);
        },
        onResponseEnd() {
          settle({ kind: "response", status, encoding, contentType, body: Buffer.concat(chunks) });
        },
        onResponseError(_controller, error) {
          fail(reasonOf(error));
        },
      },
    );
  });
}

/** Errors of several addresses at once carry a code and no message. */
function reasonOf(error: Error & { code?: string }): string {
  return error.message || error.code || error.name;
}
