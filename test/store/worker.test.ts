import { pino } from "pino";
import { describe, expect } from "vitest";
import { batchId } from "../../src/campaign/batch.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { Failure } from "../../src/failure.ts";
import type { JobView, Wish } from "../../src/queues/worker.ts";
import { until } from "../support/until.ts";
import { id, test } from "./job-rig.ts";

const done = async (): Promise<Wish> => ({ kind: "done", value: "done" });

describe("a step that throws", () => {
  test("is tried again after a backoff, and the job does not fail", async ({ rig }) => {
    const ranAt: number[] = [];
    await rig.add([1]);
    await rig.work(async () => {
      ranAt.push(Date.now());
      if (ranAt.length < 3) throw new Error("Redis has hiccups");
      return { kind: "done", value: ranAt.length };
    });
    expect(await rig.result(1)).toBe(3);
    const [first = 0, second = 0, third = 0] = ranAt;
    expect(second - first).toBeGreaterThanOrEqual(990);
    expect(third - second).toBeGreaterThanOrEqual(1_990);
    expect(await rig.batches.getFailedCount()).toBe(0);
  });

  test("sleeps meanwhile, and can be woken", async ({ rig }) => {
    let runs = 0;
    await rig.add([1]);
    await rig.work(async () => {
      if (++runs === 1) throw new Error("a bug");
      return done();
    });
    await until(async () => (await rig.batches.getDelayedCount()) === 1);
    await rig.queues.wakeBatch(id(1));
    expect(await rig.result(1)).toBe("done");
  });

  test("is a bug's, and logged as one, unless Redis itself had the trouble", async ({ rig }) => {
    const lines: { level: number; stack?: string; reason?: string }[] = [];
    const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    let runs = 0;
    await rig.add([1]);
    await rig.work(
      async () => {
        if (++runs === 1) throw new Error("a bug");
        if (runs === 2) await rig.redis.evalsha("0".repeat(40), 0);
        return done();
      },
      { log },
    );
    expect(await rig.result(1)).toBe("done");
    expect(lines).toMatchObject([
      { level: 50, stack: expect.stringContaining("a bug") },
      { level: 40, reason: expect.stringMatching(/^NOSCRIPT /), job: id(1), delayMs: 2_000 },
    ]);
  });

  test("a Failure that can pass is tried again", async ({ rig }) => {
    let runs = 0;
    await rig.add([1]);
    await rig.work(async () => {
      if (++runs === 1) throw new Failure("WECHAT_UNREACHABLE", "no answer");
      return done();
    });
    expect(await rig.result(1)).toBe("done");
  });

  test("a Failure that can't pass fails the job at once, though the producer wanted 5 attempts", async ({
    rig,
  }) => {
    let runs = 0;
    const data = { account: "acme", campaign: "c", number: 1 };
    await rig.batches.add("batch", data, { jobId: id(1), attempts: 5, backoff: { type: "fixed", delay: 1 } });
    await rig.work(async () => {
      runs += 1;
      throw new Failure("BAD_CAMPAIGN", "name: expected text");
    });
    await expect(rig.result(1)).rejects.toThrow("BAD_CAMPAIGN: name: expected text");
    expect(runs).toBe(1);
    const job = await rig.batches.getJob(id(1));
    expect(await job?.getState()).toBe("failed");
    expect(job?.failedReason).toBe("BAD_CAMPAIGN: name: expected text");
  });

  test("does not hold up the others", async ({ rig }) => {
    await rig.add([1, 2, 3]);
    await rig.work(
      async ({ id: job }) => {
        if (job === id(1)) throw new Error("a bug");
        return done();
      },
      { concurrency: 1 },
    );
    expect(await Promise.all([rig.result(2), rig.result(3)])).toEqual(["done", "done"]);
  });
});

test("a step sees its job, can note lines, show progress and replace the data", async ({ rig }) => {
  const views: JobView[] = [];
  await rig.add([7]);
  await rig.work(async (job) => {
    views.push(job);
    await job.note("a line");
    await job.report({ percent: 50 });
    await job.replaceData({ account: "acme", stored: true });
    return done();
  });
  expect(await rig.result(7)).toBe("done");
  const job = await rig.batches.getJob(id(7));
  expect(views[0]).toMatchObject({ id: id(7), data: { number: 7 }, timestamp: job?.timestamp });
  expect(job?.progress).toEqual({ percent: 50 });
  expect(job?.data).toEqual({ account: "acme", stored: true });
  const { logs } = await rig.batches.getJobLogs(id(7));
  expect(logs).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z a line$/)]);
});

describe("a worker that is closed", () => {
  test("finishes what it has in hand and takes no more", async ({ rig }) => {
    let release = () => {};
    const running = new Promise<void>((resolve) => {
      release = resolve;
    });
    await rig.add([1, 2]);
    const worker = await rig.work(
      async () => {
        await running;
        return done();
      },
      { concurrency: 1 },
    );
    await until(async () => (await rig.batches.getActiveCount()) === 1);
    const closed = worker.close(10_000);
    release();
    await closed;
    expect(await rig.batches.getJobCounts("completed", "prioritized")).toEqual({
      completed: 1,
      prioritized: 1,
    });
  });

  test("parks a step that does not end by its deadline: another worker takes it at once", async ({ rig }) => {
    const releases: (() => void)[] = [];
    const held = () => new Promise<void>((resolve) => releases.push(resolve));
    await rig.add([1]);
    const worker = await rig.work(async () => {
      await held();
      return { kind: "done", value: "late" };
    });
    await until(async () => (await rig.batches.getActiveCount()) === 1);
    await worker.close(20);
    expect(await rig.batches.getJobCounts("active", "delayed")).toEqual({ active: 0, delayed: 1 });

    await rig.work(async () => {
      await held();
      return done();
    });
    await until(() => releases.length === 2);
    // What the first one comes to after all counts for nothing.
    for (const release of releases) release();
    expect(await rig.result(1)).toBe("done");
  });
});

describe("the producing side", () => {
  test("adds a job once: one that is there stays as it is", async ({ rig }) => {
    await rig.add([1, 2]);
    await rig.add([1, 2, 3], 60_000);
    expect(await rig.batches.getJobCounts("prioritized", "delayed")).toEqual({ prioritized: 2, delayed: 1 });
  });

  test("adds thousands, slice by slice", async ({ rig }) => {
    await rig.add(Array.from({ length: 1_201 }, (_, at) => at + 1));
    expect(await rig.batches.getPrioritizedCount()).toBe(1_201);
  });

  test("has first batches run first, whatever was added before", async ({ rig }) => {
    await rig.add([3, 4, 5]);
    const late = { account: "acme", campaign: "late" as CampaignId, number: 1 };
    await rig.queues.addBatches([{ id: batchId(late.campaign, 1), data: late, delayMs: 0 }]);
    const run: string[] = [];
    const step = async (job: JobView): Promise<Wish> => {
      run.push(job.id);
      return done();
    };
    await rig.work(step, { concurrency: 1 });
    await until(async () => run.length === 4);
    expect(run).toEqual(["late~1", id(3), id(4), id(5)]);
  });

  test("gives back a job that is missing or has ended, and leaves others alone", async ({ rig }) => {
    const data = { account: "acme", campaign: "c" as never, number: 1 };
    let open = true;
    const restore = () => rig.queues.restoreBatch(id(1), data, async () => open);
    expect(await restore()).toBe(true);
    expect(await restore()).toBe(false);
    await rig.work(done);
    expect(await rig.result(1)).toBe("done");
    expect(await restore()).toBe(true);
    expect(await rig.result(1)).toBe("done");
    open = false;
    expect(await restore()).toBe(false);
    expect(await rig.batches.getJobState(id(1))).toBe("completed");
  });

  test("gives back a job that has failed", async ({ rig }) => {
    let fails = true;
    await rig.add([1]);
    await rig.work(async () => {
      if (fails) throw new Failure("AUDIENCE_LOST", "gone");
      return done();
    });
    await expect(rig.result(1)).rejects.toThrow("AUDIENCE_LOST");
    fails = false;
    const data = { account: "acme", campaign: "c" as never, number: 1 };
    expect(await rig.queues.restoreBatch(id(1), data, async () => true)).toBe(true);
    expect(await rig.result(1)).toBe("done");
  });

  test("counts the workers of all processes", async ({ rig }) => {
    expect(await rig.queues.countWorkers()).toBe(0);
    await rig.work(done);
    await rig.work(done);
    await until(async () => (await rig.queues.countWorkers()) === 2);
  });
});
