import { setTimeout as after } from "node:timers/promises";
import { describe, expect } from "vitest";
import type { JobView, Wish } from "../../src/queues/worker.ts";
import { until } from "../support/until.ts";
import { id, type JobRig, test } from "./job-rig.ts";

/** Nobody who misses a wake-up finishes within the test. */
const LONG_MS = 600_000;
const LAST = 5;

/** A tiny delay of a random length: none, a turn of the event loop or a few milliseconds. */
async function soon(): Promise<void> {
  const dice = Math.random();
  if (dice < 0.3) return;
  if (dice < 0.6) await new Promise(setImmediate);
  else await after(Math.random() * 4);
}

/**
 * A ledger of one version a job. Whenever a job has read its version somebody changes it and wakes the job
 * (W1, W2) at a random moment: before the job decides, while it falls asleep, or when it sleeps.
 */
function createLedger({ redis, prefix, queues }: JobRig) {
  const versions = `${prefix}:versions`;
  const closers: Promise<void>[] = [];
  const read = async (job: string) => Number(await redis.hget(versions, job));
  let overtaken = 0;

  const close = async (job: string) => {
    await soon();
    await redis.hincrby(versions, job, 1);
    await queues.wakeBatch(job);
  };

  const step = async ({ id: job }: JobView): Promise<Wish<number>> => {
    const version = await read(job);
    if (version >= LAST) return { kind: "done", value: version };
    closers.push(close(job));
    await soon();
    const changed = async () => {
      const is = (await read(job)) !== version;
      if (is) overtaken += 1;
      return is;
    };
    return { kind: "sleep", delayMs: LONG_MS, changed };
  };
  return { step, read, closed: () => Promise.all(closers), overtaken: () => overtaken };
}

describe("a job that falls asleep while it is woken", () => {
  test("sees the last version without waiting for its long sleep to end: 0 of 400 stuck", async ({ rig }) => {
    const ledger = createLedger(rig);
    const numbers = Array.from({ length: 400 }, (_, at) => at + 1);
    await rig.add(numbers);
    await rig.work(ledger.step, { concurrency: 20 });
    const counts = () => rig.batches.getJobCounts("completed", "failed", "delayed", "active", "wait");
    await until(async () => (await counts()).completed === numbers.length, {
      timeoutMs: 25_000,
      describe: counts,
    });
    await ledger.closed();
    for (const number of numbers) expect(await ledger.read(id(number))).toBeGreaterThanOrEqual(LAST);
    // The race took place: many changes came between the reading and the falling asleep.
    expect(ledger.overtaken()).toBeGreaterThan(100);
  });

  test("is not stuck either when several workers share the queue", async ({ rig }) => {
    const ledger = createLedger(rig);
    await rig.add(Array.from({ length: 100 }, (_, at) => at + 1));
    await Promise.all([1, 2, 3].map(() => rig.work(ledger.step, { concurrency: 5 })));
    const completed = async () => (await rig.batches.getCompletedCount()) === 100;
    await until(completed, { timeoutMs: 25_000, describe: () => rig.batches.getJobCounts() });
    await ledger.closed();
  });
});

describe("a sleeping job", () => {
  const sleepOnce = (delayMs: number, changed: () => Promise<boolean> = async () => false) => {
    let runs = 0;
    const step = async (): Promise<Wish<number>> => {
      runs += 1;
      return runs > 1 ? { kind: "done", value: runs } : { kind: "sleep", delayMs, changed };
    };
    return { step, runs: () => runs };
  };

  test("wakes by itself when its time has come", async ({ rig }) => {
    await rig.add([1]);
    await rig.work(sleepOnce(30).step);
    expect(await rig.result(1)).toBe(2);
  });

  test("wakes at once when its time has passed already", async ({ rig }) => {
    await rig.add([1]);
    await rig.work(sleepOnce(-5_000).step);
    expect(await rig.result(1)).toBe(2);
  });

  test("can be woken by its id alone", async ({ rig }) => {
    await rig.add([1]);
    await rig.work(sleepOnce(LONG_MS).step);
    await until(async () => (await rig.batches.getDelayedCount()) === 1);
    await rig.queues.wakeBatch(id(1));
    expect(await rig.result(1)).toBe(2);
  });

  test("wakes itself when it can't read whether something has changed", async ({ rig }) => {
    const unreadable = sleepOnce(LONG_MS, () => Promise.reject(new Error("LOADING Redis is loading")));
    await rig.add([1]);
    await rig.work(unreadable.step);
    expect(await rig.result(1)).toBe(2);
    expect(await rig.batches.getFailedCount()).toBe(0);
  });

  test("has used up no attempt", async ({ rig }) => {
    let runs = 0;
    await rig.add([1]);
    await rig.work(async () =>
      ++runs < 6 ? { kind: "sleep", delayMs: 0, changed: async () => false } : { kind: "done", value: runs },
    );
    expect(await rig.result(1)).toBe(6);
    const job = await rig.batches.getJob(id(1));
    expect(job?.attemptsMade).toBe(1);
  });
});

describe("waking", () => {
  test("a job that waits, runs, has ended or is missing does nothing", async ({ rig }) => {
    await rig.queues.wakeBatch(id(9));
    await rig.add([1]);
    await rig.queues.wakeBatch(id(1));
    let release = () => {};
    const running = new Promise<void>((resolve) => {
      release = resolve;
    });
    await rig.work(async () => {
      await running;
      return { kind: "done", value: "once" };
    });
    await until(async () => (await rig.batches.getActiveCount()) === 1);
    await rig.queues.wakeBatch(id(1));
    release();
    expect(await rig.result(1)).toBe("once");
    await rig.queues.wakeBatch(id(1));
    expect(await rig.batches.getJobCounts("completed", "wait", "delayed")).toEqual({
      completed: 1,
      wait: 0,
      delayed: 0,
    });
  });
});
