import { Redis } from "ioredis";
import { pino } from "pino";
import { afterEach, beforeEach, inject } from "vitest";
import { createEventStreams, type EventParts } from "../../src/http/events.ts";
import { createLogger } from "../../src/log.ts";
import { createFeed } from "../../src/store/feed.ts";
import { openFeedReader } from "../../src/store/feed-reader.ts";
import { createKeys } from "../../src/store/keys.ts";
import { type EventSource, openEventSource } from "../support/event-source.ts";
import { randomPrefix } from "../support/prefix.ts";
import { until } from "../support/until.ts";
import { openDoor } from "./door.ts";

/** A feed of each test's own on the run's Redis, and servers over it; what is opened is closed after the test. */
export function useFeed() {
  const log = createLogger("silent");
  const closers: (() => unknown)[] = [];
  let opened: ReturnType<typeof open>;
  beforeEach(() => {
    opened = open();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    const { redis, keys } = opened;
    await redis.del(keys.feed, keys.feedTold);
    await redis.quit();
  });

  function open() {
    const redis = new Redis(inject("redisUrl"));
    const keys = createKeys(randomPrefix());
    return { redis, keys, feed: createFeed(redis, keys) };
  }

  async function openSource(url: string, query = "", headers: Record<string, string> = {}) {
    const source = await openEventSource(`${url}/v1/events${query}`, headers);
    closers.push(source.close);
    return source;
  }

  return {
    feed: () => opened.feed,
    openSource,

    /** A server with a reader of its own. */
    async serve(change: Partial<EventParts> = {}) {
      const { keys, feed } = opened;
      const own = new Redis(inject("redisUrl"), { lazyConnect: true });
      const reader = await openFeedReader({ connect: () => own, keys, feed, log });
      closers.push(reader.close);
      const streams = createEventStreams({ feed: { ...feed, ...reader }, log, ...change });
      const door = await openDoor({ events: streams.handler });
      const close = async () => {
        await streams.close();
        await door.close();
      };
      closers.push(close);
      return {
        ...door,
        own,
        close,
        async listen(query = "", headers: Record<string, string> = {}): Promise<EventSource> {
          const source = await openSource(door.url, query, headers);
          // The first beat says that whatever comes from now on is told.
          await until(() => source.beats() > 0);
          return source;
        },
      };
    },

    progress: (id: string, percent: number, account = "acme") =>
      opened.feed.publish("campaign.progress", { id, account, state: "sending", progress: { percent } }),
    /** As if Redis had let go of all but the newest. */
    keepOne: () => opened.redis.xtrim(opened.keys.feed, "MAXLEN", 1),
  };
}

export const percents = ({ events }: EventSource) =>
  events.map(({ data }) => (data as { progress: { percent: number } }).progress.percent);

export function openLog() {
  const lines: string[] = [];
  return { lines, log: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }) };
}
