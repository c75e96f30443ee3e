import type { Redis } from "ioredis";
import type { Logger } from "../log.ts";
import { mastersOf } from "./cluster.ts";
import { infoFields, type RedisServer } from "./redis-server.ts";
import type { RedisClient } from "./script.ts";

/** Redis flushes its append-only file every second; two are safe (MECHANICS section 6). */
const FLUSH_MS = 2_000;
const WAIT_MS = 5_000;
/** WAIT holds up the connection: rather often and short. */
const REPLICA_MS = 100;
const REPLICA_TRIES = WAIT_MS / REPLICA_MS;

/**
 * Makes sure that what was written outlives a power loss and a failover: a plan lost and made again with
 * other members would be sent twice. Answers how many milliseconds the first call has to wait for that.
 *
 * Replicas come and go, so they are counted each time. One that does not confirm in time holds up nothing:
 * a replica that hangs must not stop every send. It is logged, for a failover now would lose the plan.
 */
export function createDurability(redis: RedisClient, server: RedisServer, log: Logger) {
  const [major = 0, minor = 0] = server.version.split(".").map(Number);
  const knowsWaitAof = major > 7 || (major === 7 && minor >= 2);

  return async (): Promise<number> => {
    // WAIT has no key that would name a node, and speaks of what its own connection wrote: all are asked.
    const confirmed = await Promise.all(mastersOf(redis).map(reachesReplica));
    if (confirmed.includes(false)) log.warn("No replica has confirmed a plan: a failover now would lose it");
    // Of a cluster the connection that wrote may be gone, and another has nothing to wait for: time is surer.
    if (redis.isCluster) return FLUSH_MS;
    if (!server.appendOnly) return 0;
    if (!knowsWaitAof) return FLUSH_MS;
    const flushed = await redis.call("WAITAOF", "1", "0", String(WAIT_MS));
    return Array.isArray(flushed) && Number(flushed[0]) >= 1 ? 0 : FLUSH_MS;
  };
}

/** Whether one of the replicas that a server has knows all; true where there are none. */
async function reachesReplica(node: Redis): Promise<boolean> {
  const replicas = Number(infoFields(await node.info("replication")).get("connected_slaves") ?? 0);
  if (replicas === 0) return true;
  for (let tries = 0; tries < REPLICA_TRIES; tries++)
    if (Number(await node.call("WAIT", "1", String(REPLICA_MS))) > 0) return true;
  return false;
}

export type Durability = ReturnType<typeof createDurability>;
