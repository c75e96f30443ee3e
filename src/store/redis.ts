import { setTimeout as sleep } from "node:timers/promises";
import { type Cluster, Redis } from "ioredis";
import { Failure } from "../failure.ts";
import type { Logger } from "../log.ts";
import { createCluster, isWhole } from "./cluster.ts";
import { patienceOf, retryAfterMs } from "./redis-patience.ts";
import { refusalIn } from "./redis-refusal.ts";
import { isTooOld, type RedisServer, readServer } from "./redis-server.ts";
import type { RedisClient } from "./script.ts";

/**
 * `worker` waits while Redis is away, `server` fails at once so that a caller gets its 503
 * (MECHANICS section 6); `cli` and `producer` do so at their start too, for somebody waits.
 */
export type RedisRole = "worker" | "server" | "cli" | "producer";

/**
 * Connects and checks the server, of a cluster every master. Several URLs mean Redis Cluster.
 *
 * @throws Failure BAD_REDIS for a Redis older than 6.2, one that may evict keys, refuses the login or has no such
 *   database, for what is no Redis, or a single URL of a cluster's node; REDIS_AWAY when it does not answer within 10 s,
 *   to the command line and a producer 1 s.
 */
export async function openRedis(urls: readonly string[], role: RedisRole, log: Logger) {
  const opened = await openUnjudged(urls, role, log);
  try {
    judge(opened.server, opened.redis.isCluster, log);
    return opened;
  } catch (error) {
    opened.redis.disconnect();
    throw error;
  }
}

/** The same, whatever the server is like. */
export async function openUnjudged(urls: readonly string[], role: RedisRole, log: Logger) {
  const redis = connect(urls, role);
  // Not the error itself: ioredis hangs the command on it, and a command may hold OpenIDs.
  let reason = "";
  let refusal: Failure | undefined;
  const note = (error: Error, node?: string) => {
    reason = error.message || reason;
    refusal = refusalIn(error) ?? refusal;
    log.warn({ reason: error.message, node }, "Redis connection failed");
  };
  redis.on("error", note);
  // A cluster goes on without the node, and so says it in another way.
  redis.on("node error", oncePerSecond(note));
  try {
    await becomeReady(redis, START_MS[role]);
    const server = await readServer(redis);
    return { redis, server, close: () => quit(redis) };
  } catch (error) {
    redis.disconnect();
    if (error instanceof Failure) throw error;
    const cause = error instanceof Error ? error : new Error("no answer");
    const away = `Redis does not answer at REDIS_URL: ${reason || cause.message}`;
    // Of a cluster one node may refuse what the others take: it is given its time.
    throw refusalIn(cause) ?? refusal ?? new Failure("REDIS_AWAY", away, { cause });
  }
}

export type OpenRedis = Awaited<ReturnType<typeof openRedis>>;

const QUIT_MS = 1_000;

/** A Redis that restarts at the same time as this process is waited for. */
const START_MS = { worker: 10_000, server: 10_000, cli: 1_000, producer: 1_000 } as const satisfies Record<
  RedisRole,
  number
>;

const LOOK_MS = 100;

/** A master that has become a replica keeps its connections: only a new one finds out who is master now. */
function isDemoted({ message }: Error): boolean {
  return message.startsWith("READONLY");
}

/** The client goes on connecting by itself after a first failure; one that refuses it is not asked again. */
async function becomeReady(redis: RedisClient, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  let timer: NodeJS.Timeout | undefined;
  let hear = (_: Error) => {};
  const ready = new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error("not ready in time")), withinMs);
    redis.once("ready", resolve);
    hear = (error) => {
      const refusal = refusalIn(error);
      if (refusal) reject(refusal);
    };
  });
  redis.on("error", hear);
  redis.connect().catch(() => {});
  await ready.finally(() => {
    clearTimeout(timer);
    redis.off("error", hear);
  });
  while (!(await isWhole(redis))) {
    if (Date.now() > deadline) throw new Error("the cluster does not serve all slots");
    await sleep(LOOK_MS);
  }
}

/** Each command that waits for a node tries it anew: ten lines a second would say no more than one. */
function oncePerSecond(note: (error: Error, node: string) => void) {
  const notedAt = new Map<string, number>();
  return (error: Error, node: string) => {
    const now = Date.now();
    if (now - (notedAt.get(node) ?? 0) < 1_000) return;
    notedAt.set(node, now);
    note(error, node);
  };
}

function connect(urls: readonly string[], role: RedisRole): RedisClient {
  const [first] = urls;
  if (first === undefined) throw new Failure("BAD_CONFIG", "REDIS_URL names no server");
  const patient = role === "worker";
  const patience = patienceOf(patient);
  if (urls.length > 1) return createCluster(urls, patient, patience);
  return new Redis(first, {
    lazyConnect: true,
    enableOfflineQueue: patient,
    retryStrategy: retryAfterMs,
    reconnectOnError: isDemoted,
    ...patience,
  });
}

/** Another client of the same servers, of the same patience, that is not connected yet. */
export function duplicate(redis: RedisClient): RedisClient {
  return redis.isCluster ? (redis as Cluster).duplicate() : (redis as Redis).duplicate();
}

function judge(server: RedisServer, isCluster: boolean, log: Logger): void {
  if (isTooOld(server))
    throw new Failure("BAD_REDIS", `Redis 6.2 or newer is needed, this one is ${server.version}`);
  if (server.policy !== "noeviction")
    throw new Failure(
      "BAD_REDIS",
      `maxmemory-policy must be noeviction, it is ${server.policy}: keys would be lost`,
    );
  if (server.ofCluster && !isCluster)
    throw new Failure(
      "BAD_REDIS",
      "this is a node of a Redis Cluster: REDIS_URL must name several of its nodes, separated by commas",
    );
  if (!server.appendOnly) log.warn("Redis has no append-only file: a restart loses every open campaign");
}

/** A Redis that is away would let QUIT wait for ever. */
async function quit(redis: RedisClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, QUIT_MS);
  });
  await Promise.race([redis.quit().catch(() => {}), patience]);
  clearTimeout(timer);
  redis.disconnect();
}
