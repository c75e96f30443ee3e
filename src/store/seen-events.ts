import type { Keys } from "./keys.ts";
import type { RedisClient } from "./script.ts";

/** WeChat repeats an event within seconds; a handler that passes it on may keep it for longer. */
const KEEP_MS = 3_600_000;

/**
 * Events that were put on the queue `events`. A job's own id keeps it from coming twice only while the job is
 * there, and whoever takes it may remove it at once. Noted after the job is added, so that what was not
 * added is added when it comes again.
 */
export function createSeenEvents(redis: RedisClient, keys: Keys) {
  return {
    has: async (account: string, id: string): Promise<boolean> =>
      (await redis.exists(keys.event(account, id))) === 1,

    async note(account: string, id: string): Promise<void> {
      await redis.set(keys.event(account, id), "1", "PX", KEEP_MS);
    },
  };
}

export type SeenEvents = ReturnType<typeof createSeenEvents>;
