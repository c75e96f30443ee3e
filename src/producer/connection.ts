import { Failure } from "../failure.ts";
import { createLogger } from "../log.ts";
import { type CampaignQueue, openCampaignQueue } from "../queues/campaign-queue.ts";
import { redisUrls } from "../setting.ts";
import { type Campaigns, createCampaigns } from "../store/campaigns.ts";
import { createKeys } from "../store/keys.ts";
import { createLists, type Lists } from "../store/lists.ts";
import { openRedis } from "../store/redis.ts";
import type { RedisClient } from "../store/script.ts";

export type Connected = {
  readonly queue: CampaignQueue;
  readonly campaigns: Pick<Campaigns, "find">;
  readonly lists: Pick<Lists, "store">;
};

type Options = { readonly redisUrl: string | undefined } | { readonly connection: RedisClient };

/**
 * Connects when it is first asked for, and again after a time that did not work.
 *
 * @throws Failure INVALID_PARAMETER for options that are none; BAD_CONFIG for a `redisUrl` that can't be one
 */
export function createConnection(options: Options) {
  const open = openerOf(options);
  let opening: Promise<Connected & { close(): Promise<void> }> | undefined;
  let isClosed = false;

  return {
    /** @throws Failure REDIS_AWAY, BAD_REDIS; BAD_REQUEST once it is closed */
    async get(): Promise<Connected> {
      if (isClosed) throw new Failure("BAD_REQUEST", "The producer is closed.");
      opening ??= open();
      try {
        return await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    },

    async close(): Promise<void> {
      isClosed = true;
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}

function openerOf(options: Options) {
  const { redisUrl, connection } = asGiven(options);
  if (connection !== undefined) {
    if (redisUrl !== undefined) throw wrong("redisUrl or connection, not both");
    if (!isClient(connection)) throw wrong("connection to be an ioredis, not its options");
    return () => use({ redis: connection, close: async () => {} });
  }
  const urls = redisUrls.safeParse(redisUrl);
  if (!urls.success) throw new Failure("BAD_CONFIG", `redisUrl: ${urls.error.issues[0]?.message}`);
  return async () => use(await openRedis(urls.data, "producer", createLogger("silent")));
}

/** Callers without types may give anything. */
function asGiven(options: unknown): { readonly redisUrl?: unknown; readonly connection?: unknown } {
  if (typeof options === "object" && options !== null) return options;
  throw wrong("{ redisUrl } or { connection }");
}

/** By what it can do: the caller's ioredis may be another copy of it. */
function isClient(connection: unknown): connection is RedisClient {
  if (typeof connection !== "object" || connection === null) return false;
  return ["evalsha", "duplicate"].every(
    (name) => typeof (connection as Record<string, unknown>)[name] === "function",
  );
}

function wrong(expected: string): Failure {
  return new Failure("INVALID_PARAMETER", `createProducer: expected ${expected}`);
}

async function use({ redis, close }: { redis: RedisClient; close: () => Promise<void> }) {
  const keys = createKeys();
  const queue = openCampaignQueue({ connection: redis, prefix: keys.root });
  try {
    await queue.ready();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    queue,
    campaigns: createCampaigns(redis, keys),
    lists: createLists(redis, keys),
    async close() {
      await queue.close();
      await close();
    },
  };
}
