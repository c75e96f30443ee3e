import { isIP } from "node:net";
import { Agent, type Dispatcher, request } from "undici";
import { shownAddress } from "../campaign/shown-address.ts";
import { Failure } from "../failure.ts";
import { readLimited } from "./limited-body.ts";
import { createPublicLookup, isPublicAddress, type Resolve, resolveBySystem } from "./public-address.ts";

export type Fetched = {
  readonly bytes: Buffer;
  /** As the server said it, "" when it said nothing: not to be trusted. */
  readonly contentType: string;
  /** Where the last redirect led. */
  readonly url: string;
};

export type FetchLimits = {
  readonly limitBytes: number;
  /** From the look-up of the name to the last byte, redirects included. */
  readonly timeoutMs: number;
};

export type FetchUrl = (url: string, limits: FetchLimits) => Promise<Fetched>;

type Settings = {
  /** `host` or `host:port` in small letters, to which a fetch may go though private, also by http. */
  readonly allowPrivate: readonly string[];
  readonly resolve?: Resolve;
  /** Certificate authorities in place of the usual ones. */
  readonly ca?: string | Buffer;
};

const REDIRECTS_MAX = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** A server that says so may answer otherwise later. */
const PASSING = [408, 425, 429];

/**
 * Fetches foreign addresses: by https only and from the public net only, each redirect checked like the first
 * address. Straight, never through `HTTPS_PROXY`: a proxy would look the name up itself, where nothing can be
 * checked. TLS is always verified. Nothing is decompressed: bytes are asked for as they are, and an answer in
 * another encoding is refused, so that a small one can't become a huge one.
 *
 * `fetchUrl` throws Failure, and its message begins with the address, but its query: FETCH_REFUSED for an address
 * that may not be fetched or that its server refuses, FETCH_FAILED for what may pass, CONTENT_TOO_LARGE.
 */
export function openFetch({ allowPrivate, resolve = resolveBySystem, ca }: Settings) {
  const tls = { rejectUnauthorized: true, ...(ca !== undefined && { ca }) };
  const open = new Agent({ connect: tls });
  const guarded = new Agent({ connect: { ...tls, lookup: createPublicLookup(resolve) } });

  /** The connections that an address may be fetched over. */
  function dispatcherFor(url: URL): Dispatcher {
    if (url.username !== "" || url.password !== "") throw refused(url, "it has a user name or password");
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    const isHttp = url.protocol === "http:" || url.protocol === "https:";
    const names = [url.hostname, `${url.hostname}:${port}`];
    if (isHttp && names.some((name) => allowPrivate.includes(name))) return open;
    if (url.protocol !== "https:") throw refused(url, "it is not https");
    // A connection looks up names only, so an address that stands in the URL is checked here.
    const literal = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(literal) !== 0 && !isPublicAddress(literal)) throw refused(url, "it is not a public address");
    return guarded;
  }

  async function follow(start: URL, limitBytes: number, signal: AbortSignal): Promise<Fetched> {
    let url = start;
    for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
      const dispatcher = dispatcherFor(url);
      const headers = { accept: "*/*", "accept-encoding": "identity", "user-agent": "qunfa" };
      const timeouts = { headersTimeout: 0, bodyTimeout: 0 };
      const response = await request(url, { dispatcher, signal, headers, ...timeouts }).catch((error) => {
        throw failed(url, error);
      });
      const { location } = response.headers;
      if (REDIRECTS.includes(response.statusCode) && typeof location === "string") {
        response.body.on("error", () => {}).destroy();
        if (!URL.canParse(location, url.href)) throw refused(url, "it redirects to what is no address");
        url = new URL(location, url);
        continue;
      }
      return await read(url, response, limitBytes);
    }
    throw refused(start, `it redirects more than ${REDIRECTS_MAX} times`);
  }

  const fetchUrl: FetchUrl = async (address, { limitBytes, timeoutMs }) => {
    if (!URL.canParse(address)) throw new Failure("FETCH_REFUSED", "What should be fetched is no address.");
    const url = new URL(address);
    const late = new Failure("FETCH_FAILED", `${shownAddress(url)}: not there within ${timeoutMs} ms`);
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(late), timeoutMs);
    try {
      return await follow(url, limitBytes, controller.signal);
    } catch (error) {
      throw controller.signal.aborted ? late : error;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    fetchUrl,
    close: async () => {
      await Promise.all([open.destroy(), guarded.destroy()]);
    },
  };
}

async function read(url: URL, response: Dispatcher.ResponseData, limitBytes: number): Promise<Fetched> {
  const { statusCode: status, headers, body } = response;
  try {
    if (status !== 200) throw statusFailure(url, status);
    const encoding = String(headers["content-encoding"] ?? "identity").toLowerCase();
    if (encoding !== "identity") throw refused(url, "its server compresses though asked not to");
    const bytes = await readLimited(url, { body, declared: Number(headers["content-length"]), limitBytes });
    return { bytes, contentType: String(headers["content-type"] ?? ""), url: url.href };
  } catch (error) {
    // What is not read to its end must not keep its connection.
    body.on("error", () => {}).destroy();
    throw failed(url, error);
  }
}

function statusFailure(url: URL, status: number): Failure {
  const message = `${shownAddress(url)}: its server answered ${status}`;
  const passes = status >= 500 || PASSING.includes(status);
  return new Failure(passes ? "FETCH_FAILED" : "FETCH_REFUSED", message);
}

function refused(url: URL, why: string): Failure {
  return new Failure("FETCH_REFUSED", `${shownAddress(url)}: ${why}`);
}

/** Trouble of a connection. What the guard of its look-up said comes with the address added. */
function failed(url: URL, error: unknown): Failure {
  const shown = shownAddress(url);
  if (error instanceof Failure)
    return error.message.startsWith(shown) ? error : new Failure(error.code, `${shown}: ${error.message}`);
  const { message = "", code = "unknown trouble" } = error as Error & { code?: string };
  return new Failure("FETCH_FAILED", `${shown}: ${message || code}`, { cause: error });
}
