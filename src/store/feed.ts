import { z } from "zod";
import {
  FEED_START,
  type FeedData,
  type FeedEvent,
  FeedId,
  type FeedType,
  isAfter,
} from "../campaign/feed-event.ts";
import { hashOf } from "./fields.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** About so many events are kept: three hours of one campaign that moves all the time. */
const KEPT = 10_000;

const Entry = z.tuple([FeedId, z.array(z.string())]);
const Entries = z.array(Entry);
const Told = z.looseObject({ id: z.string(), account: z.string() });

/** The events of all campaigns in one stream, which servers hand on. A view: the truth is in the ledger. */
export function createFeed(redis: RedisClient, keys: Keys) {
  const publishScript = createScript(redis, "publish", z.enum(["published", "known"]));

  async function edge(last: boolean): Promise<FeedId | undefined> {
    const entries = last
      ? await redis.xrevrange(keys.feed, "+", "-", "COUNT", 1)
      : await redis.xrange(keys.feed, "-", "+", "COUNT", 1);
    return Entries.parse(entries)[0]?.[0];
  }

  return {
    /** `mark`: what is told of the campaign, once until it is something else. */
    publish: (type: FeedType, data: FeedData, mark = "") =>
      publishScript([keys.feed, keys.feedTold], [data.id, mark, type, JSON.stringify(data), KEPT]),

    /** The newest event's id. */
    lastId: async (): Promise<FeedId> => (await edge(true)) ?? FEED_START,

    /** The events behind this one, oldest first. */
    async after(id: FeedId, count: number): Promise<FeedEvent[]> {
      return eventsIn(await redis.xrange(keys.feed, `(${id}`, "+", "COUNT", count));
    },

    /**
     * Whether events behind this one may be missing: it is older than all that are kept, or of a feed that was
     * lost. Behind the start is whatever is kept.
     */
    async hasLost(id: FeedId): Promise<boolean> {
      if (id === FEED_START) return false;
      const [first, last] = [await edge(false), await edge(true)];
      return first === undefined || last === undefined || isAfter(first, id) || isAfter(id, last);
    },
  };
}

export function eventsIn(entries: unknown): FeedEvent[] {
  return Entries.parse(entries).map(([id, fields]) => {
    const { type = "", data = "" } = hashOf(fields);
    const { id: campaign, account } = Told.parse(JSON.parse(data));
    return { id, type, account, campaign, data };
  });
}

export type Feed = ReturnType<typeof createFeed>;
