import { setTimeout as sleep } from "node:timers/promises";
import type { FeedEvent, FeedId } from "../campaign/feed-event.ts";
import type { Logger } from "../log.ts";
import { eventsIn, type Feed } from "./feed.ts";
import type { Keys } from "./keys.ts";
import type { RedisClient } from "./script.ts";

/** What a reader tells: events as they come, or that some may be missing. */
type FeedListener = (event: FeedEvent | "reset") => void;

/** Shorter than the patience with a Redis that does not answer (`redis-patience.ts`). */
const BLOCK_MS = 2_000;
const AGAIN_MS = 250;
const COUNT = 500;

/**
 * The one reader of a process: waits for events on a connection of its own and tells all who listen. Redis away and
 * back, it goes on behind the last event that it saw.
 */
export async function openFeedReader(of: {
  /** A connection of the reader's own, not connected yet. */
  readonly connect: () => RedisClient;
  readonly keys: Keys;
  readonly feed: Feed;
  readonly log: Logger;
}) {
  const { keys, feed, log } = of;
  const listeners = new Set<FeedListener>();
  const closing = new AbortController();
  let last = await feed.lastId();
  const own = of.connect();
  own.on("error", ({ message }: Error) => log.debug({ reason: message }, "The feed's connection failed"));
  own.connect().catch(() => {});
  const reading = read();

  return {
    /** The last event that was told. */
    position: (): FeedId => last,
    /** Answers how to listen no more. */
    listen(listener: FeedListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close(): Promise<void> {
      closing.abort();
      own.disconnect();
      await reading;
    },
  };

  async function read(): Promise<void> {
    let wasAway = false;
    while (!closing.signal.aborted) {
      try {
        if (wasAway && (await feed.hasLost(last))) {
          last = await feed.lastId();
          tell("reset");
        }
        wasAway = false;
        const answer = await own.xread("COUNT", COUNT, "BLOCK", BLOCK_MS, "STREAMS", keys.feed, last);
        for (const event of eventsIn(answer?.[0]?.[1] ?? [])) {
          last = event.id;
          tell(event);
        }
      } catch (error) {
        wasAway = true;
        const reason = error instanceof Error ? error.message : String(error);
        log.debug({ reason }, "The feed could not be read and will be tried again");
        await sleep(AGAIN_MS, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  }

  function tell(event: FeedEvent | "reset"): void {
    for (const listener of listeners) listener(event);
  }
}
