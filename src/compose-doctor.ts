import type { Doctor } from "./cli/doctor.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createCheckup } from "./compose-checkup.ts";
import type { Config } from "./config.ts";
import { createLogger } from "./log.ts";
import { opening } from "./opening.ts";
import { openQueues } from "./queues/queues.ts";
import { createBlocks } from "./store/blocks.ts";
import { createKeys } from "./store/keys.ts";
import { createQuotas } from "./store/quotas.ts";
import { openUnjudged } from "./store/redis.ts";
import { createSkewMeter } from "./store/redis-clock.ts";

type Parts = {
  /** @throws Failure BAD_CONFIG */
  readonly readConfig: () => Config;
  /** Of a configuration that is wrong elsewhere, too. */
  readonly findRedisUrls: () => readonly string[] | undefined;
};

/** What `qunfa doctor` looks at. A configuration that is wrong is found by it, not thrown at it. */
export function createDoctor({ readConfig, findRedisUrls }: Parts, clock: Clock = systemClock): Doctor {
  const openIts = () =>
    openUnjudged(findRedisUrls() ?? readConfig().redisUrls, "cli", createLogger("silent"));
  return {
    knowsRedis: () => findRedisUrls() !== undefined,
    readAccounts: () => readConfig().accounts,
    checkup: () => createCheckup(readConfig(), clock),
    readSendsLeft: async (account) => {
      const { redis, close } = await openIts();
      const { read } = createQuotas(redis, createKeys());
      return read(account, clock.now())
        .then(({ send }) => send.left)
        .finally(close);
    },
    connect: () =>
      opening(async (opened) => {
        const { redis, server, close } = await openIts();
        opened.push(close);
        const countWorkers = () => {
          const queues = openQueues({ connection: redis, prefix: createKeys().root });
          return queues.countWorkers().finally(queues.close);
        };
        const { isPaused } = createBlocks(redis, createKeys());
        const { isCluster } = redis;
        return {
          server: { ...server, isAlone: server.ofCluster && !isCluster },
          ...{ measureSkew: createSkewMeter(redis, clock), countWorkers, close: opened.close },
          activityOf: async (account) => ((await isPaused(account)) ? "paused" : "active"),
        };
      }),
  };
}
