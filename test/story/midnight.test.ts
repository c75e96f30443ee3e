import { afterEach, expect, test } from "vitest";
import { openWorkerProcess } from "../../src/compose.ts";
import { loadConfig } from "../../src/config.ts";
import { createTestClock } from "../support/clock.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig | undefined;
let worker: Awaited<ReturnType<typeof openWorkerProcess>> | undefined;
afterEach(async () => {
  await worker?.close();
  rig?.expectClean();
  await rig?.close();
});

test("45028 waits for Shanghai's midnight, met again on the new day for the new month, and then goes on", async () => {
  rig = await openRig({ accounts: { acme: {} }, workers: 0 });
  const story = rig;
  const desk = story.desk("acme");
  // Far ahead: Redis expires by its own clock what a clock behind it dates.
  const clock = createTestClock("2126-03-30T23:30:00+08:00");
  worker = await openWorkerProcess(loadConfig({ ...story.settings, QUNFA_LOG_LEVEL: "silent" }, "worker"), {
    clock,
  });

  const spent = { answer: { errcode: 45028, errmsg: "has no masssend quota" } };
  desk.script.push({}, spent, spent);
  const job = await story.add("midnight", "acme", people(20_500));
  const waiting = (until: string) =>
    story.shown("midnight", ({ waitingFor }) => waitingFor?.until === new Date(until).toISOString());
  /** Sleeping jobs sleep by the real clock: as if it had struck. */
  const strike = async (moment: string) => {
    clock.set(moment);
    for (const number of [1, 2, 3]) {
      const batch = await story.queues.batches.getJob(`midnight~${number}`);
      if (await batch?.isDelayed()) await batch?.promote();
    }
  };
  const asleep = async () => {
    const jobs = await story.queues.batches.getDelayed();
    return jobs.length === 2 || (jobs.length === 3 && desk.calls.length > 1);
  };

  expect((await waiting("2126-03-31T00:00:00+08:00")).waitingFor).toMatchObject({
    reason: "daily-quota",
    errcode: 45028,
  });
  await until(asleep);
  await strike("2126-03-30T23:59:58+08:00");
  await until(asleep);
  expect(desk.calls).toHaveLength(2);

  await strike("2126-03-31T00:00:05+08:00");
  expect((await waiting("2126-04-01T00:00:00+08:00")).waitingFor).toMatchObject({
    reason: "month",
    errcode: 45028,
  });
  expect(desk.calls).toHaveLength(3);
  expect(desk.calls).toHaveLength(3);
  await until(asleep);

  await strike("2126-04-01T00:00:05+08:00");
  const report = await story.report(job);
  expectOnce(desk, "midnight", people(20_500));
  expectTrue(desk, "midnight", report);
  expect(report).toMatchObject({ state: "completed", sendCalls: 5 });
});
