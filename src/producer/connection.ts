import { Failure } from "../failure.ts";
import { createLogger } from "../log.ts";
import { type CampaignQueue, openCampaignQueue } from "../queues/campaign-queue.ts";
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

type Options = { readonly redisUrl: string } | { readonly connection: RedisClient };

/** Connects when it is first asked for, and again after a time that did not work. */
export function createConnection(options: Options) {
  let opening: Promise<Connected & { close(): Promise<void> }> | undefined;
  let isClosed = false;

  return {
    /** @throws Failure REDIS_AWAY, BAD_REDIS; BAD_REQUEST once it is closed */
    async get(): Promise<Connected> {
      if (isClosed) throw new Failure("BAD_REQUEST", "The producer is closed.");
      opening ??= open(options);
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

async function open(options: Options) {
  const { redis, close } =
    "connection" in options
      ? { redis: options.connection, close: async () => {} }
      : await openRedis(options.redisUrl.split(","), "producer", createLogger("silent"));
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
