import { isIP } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { shownAddress } from "../campaign/shown-address.ts";
import { Failure } from "../failure.ts";
import { createPublicLookup, createResolve, isPublicAddress, type Resolve } from "./public-address.ts";

export type GuardSettings = {
  /** `host` or `host:port` in small letters, that may be asked though private, also by http. */
  readonly allowPrivate: readonly string[];
  /** Shared by all of a process. */
  readonly resolve?: Resolve;
  /** Certificate authorities in place of the usual ones. */
  readonly ca?: string | Buffer;
};

type Connections = Pick<Agent.Options, "pipelining">;

/**
 * The only connections to foreign addresses: by https only and to the public net only, where the list does not
 * say otherwise. Straight, never through `HTTPS_PROXY`: a proxy would look the name up itself, where nothing can
 * be checked. TLS is always verified.
 */
export function openGuard(
  { allowPrivate, resolve = createResolve(), ca }: GuardSettings,
  connections: Connections = {},
) {
  const tls = { rejectUnauthorized: true, ...(ca !== undefined && { ca }) };
  const open = new Agent({ ...connections, connect: tls });
  const guarded = new Agent({ ...connections, connect: { ...tls, lookup: createPublicLookup(resolve) } });

  return {
    /** The connections that an address may be asked over. Throws FETCH_REFUSED. */
    dispatcherFor(url: URL): Dispatcher {
      const fault = guardFault(url, allowPrivate);
      if (fault !== undefined) throw refused(url, fault);
      return isAllowed(url, allowPrivate) ? open : guarded;
    },
    close: async () => {
      await Promise.all([open.destroy(), guarded.destroy()]);
    },
  };
}

/**
 * Why an address may not be asked, as far as it tells itself: a name is looked up, and judged, as the connection is
 * made.
 */
export function guardFault(url: URL, allowPrivate: readonly string[]): string | undefined {
  if (url.username !== "" || url.password !== "") return "it has a user name or password";
  if (isAllowed(url, allowPrivate)) return undefined;
  if (url.protocol !== "https:") return "it is not https";
  // A connection looks up names only, so an address that stands in the URL is checked here.
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(literal) !== 0 && !isPublicAddress(literal) ? "it is not a public address" : undefined;
}

function isAllowed(url: URL, allowPrivate: readonly string[]): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const isHttp = url.protocol === "http:" || url.protocol === "https:";
  return isHttp && [url.hostname, `${url.hostname}:${port}`].some((name) => allowPrivate.includes(name));
}

export function refused(url: URL, why: string): Failure {
  return new Failure("FETCH_REFUSED", `${shownAddress(url)}: ${why}`);
}

/** Trouble of a connection. What the guard of its look-up said comes with the address added. */
export function failed(url: URL, error: unknown): Failure {
  const shown = shownAddress(url);
  if (error instanceof Failure)
    return error.message.startsWith(shown) ? error : new Failure(error.code, `${shown}: ${error.message}`);
  const { message = "", code = "unknown trouble" } = error as Error & { code?: string };
  return new Failure("FETCH_FAILED", `${shown}: ${message || code}`, { cause: error });
}

/** Cuts `work` after so long, and says so; what it throws by itself is passed on. Throws FETCH_FAILED. */
export async function inTime<Value>(
  url: URL,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const late = new Failure("FETCH_FAILED", `${shownAddress(url)}: not there within ${timeoutMs} ms`);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(late), timeoutMs);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? late : error;
  } finally {
    clearTimeout(timer);
  }
}
