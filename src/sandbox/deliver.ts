import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { CallbackRequest } from "./callback-request.ts";

const mostAnswerBytes = 65_536;

/**
 * POSTs a callback over a connection of its own. Says how it went in one word or two: `success` when the
 * receiver took it, else the status, `other answer`, `timeout` or the error's code. Never throws.
 */
export function deliver(
  { url, body }: CallbackRequest,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<string> {
  return new Promise((resolve) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const fail = (error: NodeJS.ErrnoException) =>
      resolve(timeout.aborted ? "timeout" : (error.code ?? "failed"));
    const send = url.startsWith("https:") ? requestHttps : requestHttp;
    const outgoing = send(url, {
      method: "POST",
      agent: false,
      signal: AbortSignal.any([signal, timeout]),
      headers: {
        "Content-Type": "text/xml",
        "Content-Length": Buffer.byteLength(body),
        "User-Agent": "Mozilla/4.0",
      },
    });
    outgoing.on("error", fail);
    outgoing.on("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("error", fail);
      incoming.on("data", (chunk: string) => {
        if (text.length < mostAnswerBytes) text += chunk;
      });
      incoming.on("end", () => resolve(judge(incoming.statusCode ?? 0, text)));
    });
    outgoing.end(body);
  });
}

/** WECHAT.md section 6.2: 200 with `success` or nothing ends the matter. */
function judge(status: number, text: string): string {
  if (status !== 200) return `status ${status}`;
  return text === "success" || text === "" ? "success" : "other answer";
}
