import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { openDispatcher, type ProxySettings } from "./dispatcher.ts";
import { exchange } from "./exchange.ts";
import { querySuffix } from "./query.ts";

const PICTURE_MAX_BYTES = 1024 * 1024;

export type DownloadReply =
  /** HTTP 200, whatever it holds. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly contentType: string }
  /** HTTP 404. */
  | { readonly kind: "missing" }
  | { readonly kind: "unclear" | "never-left"; readonly message: string };

export type Download = (request: {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}) => Promise<DownloadReply>;

/**
 * Pictures from WeChat's web site, which asks for no token (WECHAT.md section 9). `download` never rejects, and
 * takes at most `timeoutMs`.
 */
export function openDownload(of: {
  account: { readonly mpBase: string };
  timeoutMs: number;
  proxy: ProxySettings;
  clock: Clock;
  log: Logger;
}) {
  const base = new URL(of.account.mpBase);
  const prefix = base.pathname.replace(/\/$/, "");
  const limits = { timeoutMs: of.timeoutMs, maxBytes: PICTURE_MAX_BYTES };
  const dispatcher = openDispatcher(of.proxy);

  const download: Download = async ({ path, query }) => {
    const askedAt = of.clock.now();
    const whole = `${prefix}${path}${querySuffix(query)}`;
    const outcome = await exchange(dispatcher, { origin: base.origin, path: whole, method: "GET" }, limits);
    of.log.debug({ path, outcome: outcome.kind, ms: of.clock.now() - askedAt }, "Downloaded from WeChat");
    if (outcome.kind === "trouble")
      return { kind: outcome.left ? "unclear" : "never-left", message: outcome.reason };
    if (outcome.status === 404) return { kind: "missing" };
    if (outcome.status !== 200) return { kind: "unclear", message: `HTTP status ${outcome.status}` };
    return { kind: "bytes", bytes: outcome.body, contentType: outcome.contentType };
  };

  return { download, close: () => dispatcher.destroy() };
}
