import { Cluster, type Redis } from "ioredis";
import type { Patience } from "./redis-patience.ts";
import type { RedisClient } from "./script.ts";

/**
 * How often a command is sent on before it fails, to those who are not to wait: about a second while a slot
 * moves or a node is away.
 */
const REDIRECTIONS = 16;

/** Between two tries of a command that waits: its slot moves, or its node is away. */
const RETRY_MS = 100;

/**
 * Connects to a Redis Cluster through any of these nodes.
 *
 * @param patient a command waits for as long as its slot moves or its node is away; else it fails in about
 *   a second, and at once while no node at all is known.
 * @param patience of the connection to each node.
 */
export function createCluster(urls: readonly string[], patient: boolean, patience: Patience): Cluster {
  return new Cluster([...urls], {
    lazyConnect: true,
    enableOfflineQueue: patient,
    // With it `connect()` never settles while the cluster serves not all slots, and BullMQ waits for it.
    enableReadyCheck: false,
    // There is no limit by time; ioredis counts moves, tries while a script's keys are under way, and
    // connections that broke, all against this one.
    maxRedirections: patient ? Number.POSITIVE_INFINITY : REDIRECTIONS,
    retryDelayOnTryAgain: RETRY_MS,
    retryDelayOnClusterDown: RETRY_MS,
    retryDelayOnFailover: RETRY_MS,
    // Each node looks its own address up: else one name that is not known would keep all of them away.
    dnsLookup: (host, done) => done(null, host),
    redisOptions: { ...credentialsIn(urls), ...patience },
  });
}

/** Whether all slots are served, as far as a node knows; of a single Redis always. */
export async function isWhole(redis: RedisClient): Promise<boolean> {
  return !(redis instanceof Cluster) || (await redis.cluster("INFO")).includes("cluster_state:ok");
}

/** Every server that keys are stored on, as far as the cluster has named it. */
export function mastersOf(redis: RedisClient): Redis[] {
  return redis instanceof Cluster ? redis.nodes("master") : [redis];
}

/** The same, and those too whose connection was lost since: the cluster is asked to name all. */
export async function findMasters(redis: RedisClient): Promise<Redis[]> {
  if (redis instanceof Cluster)
    await new Promise<void>((resolve, reject) => {
      redis.refreshSlotsCache((error) => (error ? reject(error) : resolve()));
    });
  return mastersOf(redis);
}

/** The nodes that the cluster itself names come without: those of the list have the same for all. */
function credentialsIn(urls: readonly string[]): { username?: string; password?: string } {
  const { username = "", password = "" } =
    urls.map((url) => new URL(url)).find((url) => url.password !== "") ?? {};
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
}
