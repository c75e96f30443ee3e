import { Redis } from "ioredis";
import { type Allowance, judgeLevel } from "./level.ts";
import { memoryOf } from "./memory.ts";
import type { SoakStack } from "./stack.ts";

const MB = 1_000_000;

/** What each series may grow by. Heaps are read after a collection, so that they hardly move at all. */
const ALLOWED: Readonly<Record<string, Allowance>> = {
  heap: { times: 1.1, atLeast: 2 * MB },
  rss: { times: 1.25, atLeast: 20 * MB },
  "redis memory": { times: 1.15, atLeast: 2 * MB },
  "redis keys": { times: 1.25, atLeast: 100 },
};

/** Kinds of keys that belong to one campaign or job: none of them stays. */
const OF_A_CAMPAIGN = /:(campaign|message|inbox):|:(campaigns|batches):soak-|:(campaign-index|retiring)$/;

const SCAN_COUNT = 1_000;

/** Memory of the processes and of Redis over a run, and what is left in Redis after it. */
export function openSamples(stack: SoakStack) {
  const redis = new Redis(stack.redisUrl);
  const series = new Map<string, { allowed: string; figures: number[] }>();
  const note = (name: string, allowed: string, figure: number) => {
    const of = series.get(name) ?? { allowed, figures: [] };
    series.set(name, of);
    of.figures.push(figure);
  };

  return {
    async take(): Promise<object> {
      const memories = await Promise.all(stack.watched.map(memoryOf));
      for (const [at, { heapUsed, rss }] of memories.entries()) {
        const name = stack.watched[at]?.name ?? "";
        note(`${name} heap`, "heap", heapUsed);
        note(`${name} rss`, "rss", rss);
      }
      const used = Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
      note("redis memory", "redis memory", used);
      note("redis keys", "redis keys", await redis.dbsize());
      return Object.fromEntries([...series].map(([name, { figures }]) => [name, figures.at(-1)]));
    },

    /** One line a series: its median in the second quarter and in the last, and whether it is level. */
    judged: () =>
      [...series].map(([name, { allowed, figures }]) => ({
        series: name,
        samples: figures.length,
        ...judgeLevel(figures, ALLOWED[allowed] ?? { times: 1, atLeast: 0 }),
      })),

    /** How many keys there are, and those among them that should have gone. */
    async left(): Promise<{ keys: number; ofCampaigns: string[] }> {
      const all = new Set<string>();
      for await (const keys of redis.scanStream({ count: SCAN_COUNT }))
        for (const key of keys as string[]) all.add(key);
      return { keys: all.size, ofCampaigns: [...all].filter((key) => OF_A_CAMPAIGN.test(key)) };
    },

    close: () => redis.quit(),
  };
}
