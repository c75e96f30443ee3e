import type { Account } from "./campaign/account.ts";
import type { ListId } from "./campaign/list.ts";
import { systemClock } from "./clock.ts";
import { createCampaignDesk } from "./compose-campaigns.ts";
import { createDesk } from "./compose-desk.ts";
import { createListSteps } from "./compose-steps.ts";
import { openWechat } from "./compose-wechat.ts";
import type { Config } from "./config.ts";
import { createLogger } from "./log.ts";
import { opening } from "./opening.ts";
import { openQueues } from "./queues/queues.ts";
import { createBatches } from "./store/batches.ts";
import { createBookings } from "./store/bookings.ts";
import { createCampaigns } from "./store/campaigns.ts";
import { createCaps } from "./store/caps.ts";
import { createDoNotSend } from "./store/do-not-send.ts";
import { type BatchAddress, createKeys, idOf } from "./store/keys.ts";
import { createLists } from "./store/lists.ts";
import { createReadings } from "./store/readings.ts";
import { openRedis } from "./store/redis.ts";
import { createUnclaimed } from "./store/unclaimed.ts";
import { createUploads } from "./store/uploads.ts";

type ListSteps = ReturnType<typeof createListSteps>;

/** What a command works with: the ledger itself and WeChat, without server or worker. */
export function openCommandLine(config: Config) {
  return opening(async (opened) => {
    // Its stdout is what was asked for, its stderr one message: there is nobody to read a log.
    const log = createLogger("silent");
    const { redis, close } = await openRedis(config.redisUrls, "cli", log);
    opened.push(close);
    const keys = createKeys();
    const caps = createCaps(redis, keys);
    const unclaimed = createUnclaimed(redis, keys);
    const accounts = new Map<string, Account>(config.accounts.map((account) => [account.id, account]));
    const parts = { redis, keys, clock: systemClock, accounts, settings: config };
    const wechatOf = openWechat(config, { ...parts, log }, opened);
    /** Opened for the one command that wakes somebody. */
    let queues: ReturnType<typeof openQueues> | undefined;
    opened.push(async () => queues?.close());
    const wakeBatch = async (address: BatchAddress) => {
      queues ??= openQueues({ connection: redis, prefix: keys.root });
      await queues.ready();
      await queues.wakeBatch(idOf(address));
    };
    const lists = createLists(redis, keys);
    const readings = createReadings(redis, keys, lists);
    const doNotSend = createDoNotSend(redis, keys);
    const campaigns = createCampaigns(redis, keys);
    const ledger = { lists, readings, doNotSend, campaigns, clock: systemClock };
    /** Queues are opened for the commands that need them alone. */
    const withQueues = async <Value>(deed: (steps: ListSteps) => Promise<Value>): Promise<Value> => {
      const queues = openQueues({ connection: redis, prefix: keys.root });
      try {
        await queues.ready();
        return await deed(createListSteps({ ...ledger, queues }));
      } finally {
        await queues.close();
      }
    };
    return {
      ...{ lists, readings, doNotSend },
      removeList: (id: ListId) => withQueues(({ forgetList }) => forgetList(id)),
      startReading: (of: Parameters<ListSteps["startReading"]>[0]) =>
        withQueues(({ startReading }) => startReading(of)),
      accounts,
      caps,
      wechatOf,
      uploads: createUploads(redis, keys),
      campaigns: createCampaignDesk({ redis, keys, config, clock: systemClock, log }),
      operate: createDesk({
        ...{ ...parts, wechatOf, wakeBatch },
        campaigns: createCampaigns(redis, keys),
        batches: createBatches(redis, keys),
      }),
      bookings: createBookings(redis, keys, { caps, unclaimed, lists, keepMs: config.retentionMs }),
      clock: systemClock,
      close: opened.close,
    };
  });
}
