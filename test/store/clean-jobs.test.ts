import { expect } from "vitest";
import { Failure } from "../../src/failure.ts";
import type { JobView, Wish } from "../../src/queues/worker.ts";
import { until } from "../support/until.ts";
import { type JobRig, test } from "./job-rig.ts";

const DAY_MS = 24 * 3_600_000;
const SHORT_MS = 100;

/** Jobs that have ended well and badly, each with a log, in a queue that is idle from then on. */
async function finish(rig: JobRig, numbers: readonly number[]): Promise<void> {
  const step = async (job: JobView): Promise<Wish> => {
    await job.note("It ran.");
    if (job.id.endsWith("1")) throw new Failure("BAD_CAMPAIGN", "It is refused.");
    return { kind: "done", value: "done" };
  };
  const worker = await rig.work(step, { jobRetentionMs: 30 * DAY_MS });
  await rig.add(numbers);
  const ended = async () => (await rig.batches.getJobCountByTypes("completed", "failed")) === numbers.length;
  await until(ended, { timeoutMs: 20_000, describe: () => rig.batches.getJobCounts() });
  await worker.close(10_000);
}

const jobKeys = async (rig: JobRig) => (await rig.redis.keys(`${rig.prefix}:batches:c~*`)).sort();

test("finished jobs of an idle queue go with their logs once their retention is over, and no others", async ({
  rig,
}) => {
  await finish(rig, [1, 2, 3]);
  await rig.add([4], DAY_MS);
  const before = await jobKeys(rig);
  expect(before).toHaveLength(7);
  const events = await rig.redis.xlen(`${rig.prefix}:batches:events`);
  expect(await rig.queues.cleanJobs(DAY_MS)).toBe(0);
  expect(await jobKeys(rig)).toEqual(before);
  // An event each time would fill the stream of a queue that is idle: nobody trims it.
  expect(await rig.redis.xlen(`${rig.prefix}:batches:events`)).toBe(events);

  let removed = 0;
  const gone = async () => {
    removed += await rig.queues.cleanJobs(SHORT_MS);
    return removed === 3;
  };
  await until(gone, { timeoutMs: 10_000, describe: () => ({ removed }) });
  expect(await jobKeys(rig)).toEqual([`${rig.prefix}:batches:c~4`]);
  expect(await rig.batches.getJobCounts("completed", "failed", "delayed")).toEqual({
    ...{ completed: 0, failed: 0, delayed: 1 },
  });
});

test("500 finished jobs of a kind are removed at once, and no more", async ({ rig }) => {
  await finish(
    rig,
    Array.from({ length: 520 }, (_, at) => 10 * at + 2),
  );
  const youngest = (await rig.batches.getCompleted(0, 0))[0]?.finishedOn ?? 0;
  await until(async () => Date.now() > youngest + SHORT_MS);
  expect(await rig.queues.cleanJobs(SHORT_MS)).toBe(500);
  expect(await rig.queues.cleanJobs(SHORT_MS)).toBe(20);
});

test("events that nobody takes go once they have waited too long, and of too many the oldest", async ({
  rig,
}) => {
  const add = (number: number) =>
    rig.queues.addEvent({
      ...{ account: "acme", type: "CLICK", openid: "oAbCdEfGhIjKlMnOpQrStUvWxYz1" },
      ...{ createdAt: "2026-03-02T02:00:00.000Z", id: `event-${number}` },
    });
  const left = async () =>
    (await rig.redis.lrange(`${rig.prefix}:events:wait`, 0, -1)).map((id) => Number(id.split("-").at(-1)));
  expect(await rig.queues.cleanEvents(SHORT_MS)).toBe(0);
  for (const number of [1, 2, 3, 4, 5]) await add(number);
  expect(await rig.queues.cleanEvents(DAY_MS)).toBe(0);
  expect(await rig.queues.cleanEvents(DAY_MS, 3)).toBe(2);
  expect(await left()).toEqual([5, 4, 3]);

  let removed = 0;
  const gone = async () => {
    removed += await rig.queues.cleanEvents(SHORT_MS);
    return removed === 3;
  };
  await until(gone, { timeoutMs: 10_000, describe: () => ({ removed }) });
  expect(await left()).toEqual([]);
});

test("of far too many events some ten thousand are removed at once", async ({ rig }) => {
  const add = async (number: number) =>
    rig.queues.addEvent({
      ...{ account: "acme", type: "CLICK", openid: "oAbCdEfGhIjKlMnOpQrStUvWxYz1" },
      ...{ createdAt: "2026-03-02T02:00:00.000Z", id: `event-${number}` },
    });
  for (let start = 0; start < 11_000; start += 1_000)
    await Promise.all(Array.from({ length: 1_000 }, (_, at) => add(start + at)));
  expect(await rig.queues.cleanEvents(DAY_MS, 100)).toBe(10_000);
  expect(await rig.queues.cleanEvents(DAY_MS, 100)).toBe(900);
  expect(await rig.redis.llen(`${rig.prefix}:events:wait`)).toBe(100);
  expect((await rig.redis.lindex(`${rig.prefix}:events:wait`, 0)) ?? "").toBe("acme-event-10999");
});
