import { request } from "undici";
import { Failure } from "../failure.ts";
import { failed, type GuardSettings, inTime, openGuard } from "./guard.ts";

export type Posted = {
  readonly status: number;
  /** Its Retry-After, as it stands there. */
  readonly retryAfter: string | undefined;
};

export type PostUrl = (
  url: string,
  message: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
) => Promise<Posted>;

/** From the look-up of the name to the end of the answer. */
const TIMEOUT_MS = 20_000;

/** Of an answer, which says nothing but its status: read so far, that a receiver is not cut off in the midst of it. */
const ANSWER_MAX_BYTES = 65_536;

/**
 * POSTs JSON to foreign addresses, under the same guard as a fetch (`guard.ts`). Each on a connection of its own: one
 * that is kept and that the receiver has just closed would lose it. No redirect is followed: it is an answer like
 * any other.
 *
 * `postUrl` throws Failure, and its message begins with the address, but its query: FETCH_REFUSED for an address
 * that may not be asked, FETCH_FAILED when no answer comes.
 */
export function openPost(settings: GuardSettings & { readonly timeoutMs?: number }) {
  const guard = openGuard(settings, { pipelining: 0 });

  const postUrl: PostUrl = async (address, { body, headers }) => {
    if (!URL.canParse(address))
      throw new Failure("FETCH_REFUSED", "Where something should go is no address.");
    const url = new URL(address);
    const dispatcher = guard.dispatcherFor(url);
    return inTime(url, settings.timeoutMs ?? TIMEOUT_MS, async (signal) => {
      const answer = await request(url, {
        ...{ dispatcher, signal, method: "POST", body, headersTimeout: 0, bodyTimeout: 0 },
        headers: { "content-type": "application/json", "user-agent": "qunfa", ...headers },
      }).catch((error) => {
        throw failed(url, error);
      });
      await answer.body.dump({ limit: ANSWER_MAX_BYTES, signal }).catch(() => {});
      const retryAfter = [answer.headers["retry-after"]].flat()[0];
      return { status: answer.statusCode, retryAfter };
    });
  };

  return { postUrl, close: guard.close };
}
