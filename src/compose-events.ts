import { createEventStreams } from "./http/events.ts";
import type { Logger } from "./log.ts";
import type { Opened } from "./opening.ts";
import type { Feed } from "./store/feed.ts";
import { openFeedReader } from "./store/feed-reader.ts";
import type { Keys } from "./store/keys.ts";
import { duplicate } from "./store/redis.ts";
import type { RedisClient } from "./store/script.ts";

/** The streams of events of a server process; its reader is closed with the rest, and after them. */
export async function openEvents(
  of: { readonly redis: RedisClient; readonly keys: Keys; readonly feed: Feed; readonly log: Logger },
  opened: Opened,
) {
  const connect = () => duplicate(of.redis);
  const reader = await openFeedReader({ ...of, connect });
  opened.push(reader.close);
  return createEventStreams({ feed: { ...of.feed, ...reader }, log: of.log });
}
