import type { Account } from "./campaign/account.ts";
import { systemClock } from "./clock.ts";
import { openWechat } from "./compose-wechat.ts";
import type { Config } from "./config.ts";
import { createLogger } from "./log.ts";
import { opening } from "./opening.ts";
import { createBookings } from "./store/bookings.ts";
import { createCaps } from "./store/caps.ts";
import { createKeys } from "./store/keys.ts";
import { openRedis } from "./store/redis.ts";
import { createUnclaimed } from "./store/unclaimed.ts";
import { createUploads } from "./store/uploads.ts";

/** What a command works with: the ledger itself and WeChat, without server, worker or queues. */
export function openCommandLine(config: Config) {
  return opening(async (opened) => {
    // Its stdout is what was asked for, its stderr one message: there is nobody to read a log.
    const log = createLogger("silent");
    const { redis, close } = await openRedis(config.redisUrls, "cli", log);
    opened.push(close);
    const keys = createKeys();
    const caps = createCaps(redis, keys);
    const unclaimed = createUnclaimed(redis, keys);
    return {
      accounts: new Map<string, Account>(config.accounts.map((account) => [account.id, account])),
      caps,
      wechatOf: openWechat(config, { redis, keys, clock: systemClock, log }, opened),
      uploads: createUploads(redis, keys),
      bookings: createBookings(redis, keys, { caps, unclaimed, keepMs: config.retentionMs }),
      clock: systemClock,
      close: opened.close,
    };
  });
}
