import { Queue, Worker } from "bullmq";
import { createLogger } from "../../src/log.ts";
import { openRedis } from "../../src/store/redis.ts";
import { judged, tell } from "./figures.ts";
import { medianOfPairs, rounded, timeOf } from "./runs.ts";
import { CONCURRENCY, type Redis, sendPlanned } from "./send-planned.ts";

const BATCHES = 2_000;
const NO_OPS = 10_000;

/** A single pair can be far out. */
const PAIRS = 5;

/**
 * An account has one send at a time. With fewer accounts than batches in hand nearly every batch would
 * wait for its turn, and be run once more for it: `CROWDED` shows what that costs.
 */
const ACCOUNTS = 100;
const CROWDED = 10;

/**
 * A batch's way from `planned` to closed by its callback, with a WeChat that is a function and answers at
 * once, against BullMQ's own jobs that do nothing.
 */
export async function measureBatchWay(url: string): Promise<object[]> {
  const { redis, close } = await openRedis([url], "worker", createLogger("silent"));
  const against = (accounts: number) => {
    tell(`${BATCHES} batches of ${accounts} accounts beside no-op jobs, ${PAIRS} times`);
    return medianOfPairs(
      (run) => measureBatches(url, redis, { name: `bench-${accounts}-${run}`, accounts }),
      (run) => measureNoOps(redis, `no-op-${accounts}-${run}`),
      PAIRS,
    );
  };
  const free = await against(ACCOUNTS);
  const crowded = await against(CROWDED);
  await close();
  const line = (bench: string, accounts: number, { ours, beside, ratio }: typeof free) => ({
    ...{ bench, batches: BATCHES, accounts, batchesPerSecond: rounded(ours, 0) },
    ...{ noOpJobsPerSecond: rounded(beside, 0), ratio: rounded(ratio, 1) },
  });
  return [
    judged(line("batch-way", ACCOUNTS, free), "ratio", "<=", 20),
    line("batch-way-waiting-for-turns", CROWDED, crowded),
  ];
}

/** Jobs a second. */
async function measureNoOps(redis: Redis, name: string): Promise<number> {
  const queue = new Queue(name, { connection: redis });
  const jobs = Array.from({ length: NO_OPS }, (_, index) => ({ name: "no-op", data: { index } }));
  for (let start = 0; start < NO_OPS; start += 500) await queue.addBulk(jobs.slice(start, start + 500));
  const done = createCountdown(NO_OPS);
  const worker = new Worker(name, async () => {}, {
    connection: redis,
    concurrency: CONCURRENCY,
    autorun: false,
  });
  worker.on("completed", done.count);
  const ms = await timeOf(async () => {
    void worker.run();
    await done.reached;
  });
  await worker.close();
  await queue.close();
  return (1_000 * NO_OPS) / ms;
}

/** Batches a second. */
async function measureBatches(
  url: string,
  redis: Redis,
  { name, accounts }: { name: string; accounts: number },
): Promise<number> {
  const campaigns = Array.from({ length: accounts }, (_, index) => ({
    account: `account-${index}`,
    id: `campaign-${index}`,
    batches: BATCHES / accounts,
  }));
  const endedAt = await sendPlanned({ url, redis, name }, campaigns, { sideBySide: true });
  return (1_000 * BATCHES) / Math.max(...endedAt);
}

function createCountdown(from: number) {
  let left = from;
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const count = () => {
    left -= 1;
    if (left === 0) reach();
  };
  return { count, reached };
}
