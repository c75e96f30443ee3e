import { mastersOf } from "./cluster.ts";
import type { RedisServer } from "./redis.ts";
import type { RedisClient } from "./script.ts";

/** Redis flushes its append-only file every second; two are safe (MECHANICS section 6). */
const FLUSH_MS = 2_000;
const WAIT_MS = 5_000;

/**
 * Makes sure that what was written outlives a power loss: a plan lost and made again with other members
 * would be sent twice. Answers how many milliseconds the first call has to wait for that.
 */
export function createDurability(redis: RedisClient, server: RedisServer) {
  const [major = 0, minor = 0] = server.version.split(".").map(Number);
  const knowsWaitAof = major > 7 || (major === 7 && minor >= 2);

  return async (): Promise<number> => {
    // WAIT has no key that would name a node, and speaks of what its own connection wrote: all are asked.
    if (server.replicas > 0) await Promise.all(mastersOf(redis).map((node) => node.call("WAIT", "1", "100")));
    // Of a cluster the connection that wrote may be gone, and another has nothing to wait for: time is surer.
    if (redis.isCluster) return FLUSH_MS;
    if (!server.appendOnly) return 0;
    if (!knowsWaitAof) return FLUSH_MS;
    const flushed = await redis.call("WAITAOF", "1", "0", String(WAIT_MS));
    return Array.isArray(flushed) && Number(flushed[0]) >= 1 ? 0 : FLUSH_MS;
  };
}

export type Durability = ReturnType<typeof createDurability>;
