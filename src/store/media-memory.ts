import { z } from "zod";
import type { Keys, MediaName } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** What a file became: a permanent media_id, an address for articles, or an id that runs out. */
export const Media = z.union([z.strictObject({ mediaId: z.string() }), z.strictObject({ url: z.string() })]);
export type Media = z.infer<typeof Media>;

const AskReply = z
  .tuple([z.enum(["known", "mine", "wait"]), z.string(), z.string()])
  .transform(([word, media, until]) =>
    word === "known"
      ? { word, media: Media.parse(JSON.parse(media)), until: until === "" ? undefined : Number(until) }
      : { word },
  );

/**
 * What has no end is remembered for so long after it was last asked for. A file that comes again later is uploaded
 * again, which takes one more place of an account's 100,000 pictures or 1,000 others.
 */
const KEEP_MS = 180 * 24 * 3_600_000;

/** What files became at WeChat, so that each is brought there once, by one of many workers. Times are milliseconds. */
export function createMediaMemory(redis: RedisClient, keys: Keys) {
  const askScript = createScript(redis, "ask-media", AskReply);
  const keepScript = createScript(redis, "keep-media", z.literal("kept"));
  const releaseScript = createScript(redis, "release-media", z.enum(["released", "kept"]));
  const dropScript = createScript(redis, "drop-media", z.enum(["dropped", "kept"]));
  const both = (name: MediaName) => [keys.media(name), keys.mediaLease(name)];

  return {
    /** What it became, and until when; "mine": it is the asker's to bring, for `leaseMs`; "wait": somebody else is about it. */
    ask: (name: MediaName, { holder, leaseMs, now }: { holder: string; leaseMs: number; now: number }) =>
      askScript(both(name), [now, holder, leaseMs, KEEP_MS]),

    /** `until`: when it runs out, if it does. */
    keep: (
      name: MediaName,
      { holder, media, until }: { holder: string; media: Media; until?: number | undefined },
    ) => keepScript(both(name), [holder, JSON.stringify(media), until ?? "", KEEP_MS]),

    release: (name: MediaName, holder: string) => releaseScript([keys.mediaLease(name)], [holder]),

    /** Compare and drop: one that was brought since stays. */
    drop: (name: MediaName, media: Media) => dropScript([keys.media(name)], [JSON.stringify(media)]),
  };
}

export type MediaMemory = ReturnType<typeof createMediaMemory>;
