import { setTimeout as sleep } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import { createLogger } from "../../src/log.ts";
import { openRedis } from "../../src/store/redis.ts";
import { judged, mediansOf, tell } from "./figures.ts";
import { rounded, timeOf } from "./runs.ts";
import { type Planned, sendPlanned } from "./send-planned.ts";

const MANY = 100;
const FEW = 3;

/** WeChat's time for one answer, a guess: the real one has 10,000 OpenIDs to read. A turn covers a call. */
const ANSWER_MS = 50;

/**
 * One account, or one campaign, has put a hundred batches into the queue when another comes with three: how
 * long the three take, from the queue to their callbacks, against having the worker to themselves. Beside it
 * a plain queue that makes one call after the other; and how it is with a WeChat that answers at once, where
 * only our own work is waited for.
 */
export async function measureFairness(url: string): Promise<object[]> {
  const { redis, close } = await openRedis([url], "worker", createLogger("silent"));
  const hundred = (account: string): Planned => ({ account, id: "hundred", batches: MANY });
  let runs = 0;
  const threeBehind = async (first: readonly Planned[], answerMs = ANSWER_MS): Promise<number> => {
    const campaigns = [...first, { account: "few", id: "three", batches: FEW }];
    const endedAt = await sendPlanned({ url, redis, name: `fair-${runs++}` }, campaigns, { answerMs });
    return endedAt.at(-1) ?? Number.NaN;
  };
  const figures = await mediansOf(async (index) => {
    tell(`a hundred batches before three, run ${index + 1}`);
    return {
      aloneMs: await threeBehind([]),
      crowdedMs: await threeBehind([hundred("many")]),
      sameAccountMs: await threeBehind([hundred("few")]),
      aloneAtOnceMs: await threeBehind([], 0),
      crowdedAtOnceMs: await threeBehind([hundred("many")], 0),
      fifoMs: await threeInLine(url, `fifo-${index}`),
    };
  });
  await close();
  const { aloneMs, crowdedMs, sameAccountMs, aloneAtOnceMs, crowdedAtOnceMs, fifoMs } = figures;
  const line = (bench: string, ms: number, alone: number, answerMs: number) => ({
    ...{ bench, batches: FEW, before: MANY, answerMs, ms: rounded(ms, 0), aloneMs: rounded(alone, 0) },
    ratio: rounded(ms / alone),
  });
  const plainQueueMs = rounded(fifoMs, 0);
  return [
    judged({ ...line("fairness", crowdedMs, aloneMs, ANSWER_MS), plainQueueMs }, "ratio", "<=", 2),
    { ...line("fairness-within-an-account", sameAccountMs, aloneMs, ANSWER_MS), plainQueueMs },
    line("fairness-answered-at-once", crowdedAtOnceMs, aloneAtOnceMs, 0),
  ];
}

/** The three behind the hundred in a plain queue that makes one call after the other. */
async function threeInLine(url: string, name: string): Promise<number> {
  const connection = { url };
  const queue = new Queue(name, { connection });
  const bulk = (who: string, count: number) => Array.from({ length: count }, () => ({ name: who, data: {} }));
  let left = FEW;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const worker = new Worker(
    name,
    async (job) => {
      await sleep(ANSWER_MS);
      if (job.name === "few" && --left === 0) finish();
    },
    { connection, concurrency: 1 },
  );
  await queue.addBulk(bulk("many", MANY));
  const ms = await timeOf(async () => {
    await queue.addBulk(bulk("few", FEW));
    await finished;
  });
  await worker.close();
  await queue.close();
  return ms;
}
