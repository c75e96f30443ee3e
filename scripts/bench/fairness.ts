import { setTimeout as sleep } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import { judged, mediansOf, tell } from "./figures.ts";
import { openLedger } from "./ledger.ts";
import { rounded, timeOf } from "./runs.ts";
import { openSending } from "./sending.ts";

const MANY = 100;
const FEW = 3;

/** WeChat's time for one answer, the same in all: a turn covers a call, so that this is what is waited for. */
const ANSWER_MS = Number(process.env.ANSWER ?? 50);

/**
 * One account, or one campaign, has put a hundred batches into the queue when another comes with three: how
 * long the three take, from the queue to their callbacks, against having the worker to themselves. Beside it
 * a plain queue that makes one call after the other.
 */
export async function measureFairness(url: string): Promise<object[]> {
  const figures = await mediansOf(async (index) => {
    tell(`a hundred batches before three, run ${index + 1}`);
    return {
      aloneMs: await threeOf("few", `alone-${index}`),
      crowdedMs: await threeOf("few", `crowded-${index}`, "many"),
      sameAccountMs: await threeOf("few", `same-${index}`, "few"),
      fifoMs: await threeInLine(url, `fifo-${index}`),
    };
  });
  const { aloneMs, crowdedMs, sameAccountMs, fifoMs } = figures;
  const line = (bench: string, ms: number) => ({
    ...{ bench, batches: FEW, before: MANY, answerMs: ANSWER_MS, ms: rounded(ms, 0) },
    ...{ aloneMs: rounded(aloneMs, 0), plainQueueMs: rounded(fifoMs, 0), ratio: rounded(ms / aloneMs) },
  });
  return [
    judged(line("fairness", crowdedMs), "ratio", "<=", 2),
    line("fairness-within-an-account", sameAccountMs),
  ];

  async function threeOf(account: string, name: string, crowd?: string): Promise<number> {
    const ledger = await openLedger(url, name, MANY);
    await ledger.planTwos(account, "three", FEW);
    if (crowd) await ledger.planTwos(crowd, "hundred", MANY);
    const sending = await openSending(ledger, { url, name, accounts: ["few", "many"], answerMs: ANSWER_MS });
    const hundred = crowd && sending.send(crowd, "hundred", MANY);
    const ms = await timeOf(() => sending.send(account, "three", FEW));
    await hundred;
    await sending.close();
    await ledger.close();
    return ms;
  }
}

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
