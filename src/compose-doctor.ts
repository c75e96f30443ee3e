import type { Doctor } from "./cli/doctor.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createLogger } from "./log.ts";
import { opening } from "./opening.ts";
import { openQueues } from "./queues/queues.ts";
import { createKeys } from "./store/keys.ts";
import { openUnjudged } from "./store/redis.ts";
import { createSkewMeter } from "./store/redis-clock.ts";

/** What `qunfa doctor` looks at. A configuration that is wrong is found by it, not thrown at it. */
export function createDoctor(readConfig: () => Config, clock: Clock = systemClock): Doctor {
  return {
    readAccounts: () => readConfig().accounts,
    connect: () =>
      opening(async (opened) => {
        const { redisUrls } = readConfig();
        const { redis, server, close } = await openUnjudged(redisUrls, "cli", createLogger("silent"));
        opened.push(close);
        const countWorkers = () => {
          const queues = openQueues({ connection: redis, prefix: createKeys().root });
          return queues.countWorkers().finally(queues.close);
        };
        return { server, measureSkew: createSkewMeter(redis, clock), countWorkers, close: opened.close };
      }),
  };
}
