import { type Dispatcher, request } from "undici";
import { shownAddress } from "../campaign/shown-address.ts";
import { Failure } from "../failure.ts";
import { failed, type GuardSettings, inTime, openGuard, refused } from "./guard.ts";
import { readLimited } from "./limited-body.ts";

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

const REDIRECTS_MAX = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** A server that says so may answer otherwise later. */
const PASSING = [408, 425, 429];

/**
 * Fetches foreign addresses under the guard of `guard.ts`, each redirect checked like the first address. Nothing
 * is decompressed: bytes are asked for as they are, and an answer in another encoding is refused, so that a small
 * one can't become a huge one.
 *
 * `fetchUrl` throws Failure, and its message begins with the address, but its query: FETCH_REFUSED for an address
 * that may not be fetched or that its server refuses, FETCH_FAILED for what may pass, CONTENT_TOO_LARGE.
 */
export function openFetch(settings: GuardSettings) {
  const guard = openGuard(settings);

  async function follow(start: URL, limitBytes: number, signal: AbortSignal): Promise<Fetched> {
    let url = start;
    for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
      const dispatcher = guard.dispatcherFor(url);
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
    return inTime(url, timeoutMs, (signal) => follow(url, limitBytes, signal));
  };

  return { fetchUrl, close: guard.close };
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
