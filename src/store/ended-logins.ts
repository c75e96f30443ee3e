import type { Keys } from "./keys.ts";
import type { RedisClient } from "./script.ts";

export type EndedLogins = ReturnType<typeof createEndedLogins>;

/** Logins of people that ended before their time, remembered until then. */
export function createEndedLogins(redis: RedisClient, keys: Keys) {
  return {
    async end(id: string, remainingMs: number): Promise<void> {
      if (remainingMs > 0) await redis.set(keys.endedLogin(id), "1", "PX", remainingMs);
    },
    async has(id: string): Promise<boolean> {
      return (await redis.exists(keys.endedLogin(id))) === 1;
    },
  };
}
