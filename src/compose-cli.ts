import type { Account } from "./campaign/account.ts";
import type { ListId } from "./campaign/list.ts";
import { systemClock } from "./clock.ts";
import { createListSteps } from "./compose-steps.ts";
import { openWechat } from "./compose-wechat.ts";
import type { Config } from "./config.ts";
import { createLogger } from "./log.ts";
import { opening } from "./opening.ts";
import { openQueues } from "./queues/queues.ts";
import { createBookings } from "./store/bookings.ts";
import { createCampaigns } from "./store/campaigns.ts";
import { createCaps } from "./store/caps.ts";
import { createDoNotSend } from "./store/do-not-send.ts";
import { createKeys } from "./store/keys.ts";
import { createLists } from "./store/lists.ts";
import { createReadings } from "./store/readings.ts";
import { openRedis } from "./store/redis.ts";
import { createUnclaimed } from "./store/unclaimed.ts";

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
      accounts: new Map<string, Account>(config.accounts.map((account) => [account.id, account])),
      caps,
      wechatOf: openWechat(config, { redis, keys, clock: systemClock, log }, opened),
      bookings: createBookings(redis, keys, { caps, unclaimed, keepMs: config.retentionMs }),
      clock: systemClock,
      close: opened.close,
    };
  });
}
