import { Cluster, Redis } from "ioredis";
import { Failure } from "../failure.ts";
import type { Logger } from "../log.ts";
import type { RedisClient } from "./script.ts";

/**
 * `worker` waits while Redis is away, `server` fails at once so that a caller gets its 503
 * (MECHANICS section 6); `cli` does so at its start too, for a person waits.
 */
export type RedisRole = "worker" | "server" | "cli";

/**
 * Connects and checks the server. Several URLs mean Redis Cluster.
 *
 * @throws Failure BAD_REDIS for a Redis older than 6.2 or one that may evict keys, REDIS_AWAY when it does
 *   not answer within 10 s, to the command line 1 s.
 */
export async function openRedis(urls: readonly string[], role: RedisRole, log: Logger) {
  const redis = connect(urls, role);
  // Not the error itself: ioredis hangs the command on it, and a command may hold OpenIDs.
  let reason = "no answer";
  redis.on("error", ({ message }: Error) => {
    reason = message || reason;
    log.warn({ reason: message }, "Redis connection failed");
  });
  try {
    await becomeReady(redis, START_MS[role]);
    const server = await inspect(redis, log);
    return { redis, server, close: () => quit(redis) };
  } catch (error) {
    redis.disconnect();
    if (error instanceof Failure) throw error;
    throw new Failure("REDIS_AWAY", `Redis does not answer at REDIS_URL: ${reason}`, { cause: error });
  }
}

export type OpenRedis = Awaited<ReturnType<typeof openRedis>>;

/** What qunfa needs to know of the server that it stores plans on. */
export type RedisServer = {
  readonly version: string;
  readonly appendOnly: boolean;
};

const QUIT_MS = 1_000;

/** A Redis that restarts at the same time as this process is waited for. */
const START_MS = { worker: 10_000, server: 10_000, cli: 1_000 } as const satisfies Record<RedisRole, number>;

/** A master that has become a replica keeps its connections: only a new one finds out who is master now. */
function isDemoted({ message }: Error): boolean {
  return message.startsWith("READONLY");
}

/** The client goes on connecting by itself after a first failure. */
async function becomeReady(redis: RedisClient, withinMs: number): Promise<void> {
  try {
    await redis.connect();
  } catch (error) {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(reject, withinMs, error);
      redis.once("ready", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function connect(urls: readonly string[], role: RedisRole): RedisClient {
  const [first] = urls;
  if (first === undefined) throw new Failure("BAD_CONFIG", "REDIS_URL names no server");
  const patient = role === "worker";
  const maxRetriesPerRequest = patient ? null : 1;
  const options = { lazyConnect: true, enableOfflineQueue: patient };
  const each = { maxRetriesPerRequest, reconnectOnError: isDemoted };
  if (urls.length === 1) return new Redis(first, { ...options, ...each });
  return new Cluster([...urls], { ...options, redisOptions: { maxRetriesPerRequest } });
}

async function inspect(redis: RedisClient, log: Logger): Promise<RedisServer> {
  const info = infoFields(await redis.info());
  const version = info.get("redis_version") ?? "0";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 2))
    throw new Failure("BAD_REDIS", `Redis 6.2 or newer is needed, this one is ${version}`);

  const policy = info.get("maxmemory_policy");
  if (policy !== "noeviction")
    throw new Failure(
      "BAD_REDIS",
      `maxmemory-policy must be noeviction, it is ${policy}: keys would be lost`,
    );

  const appendOnly = info.get("aof_enabled") === "1";
  if (!appendOnly) log.warn("Redis has no append-only file: a restart loses every open campaign");
  return { version, appendOnly };
}

/** The fields of an INFO reply. */
export function infoFields(info: string): Map<string, string> {
  const lines = info.split(/\r?\n/).filter((line) => line.includes(":"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
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
