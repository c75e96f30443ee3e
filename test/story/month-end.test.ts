import { afterEach, expect, test } from "vitest";
import { openWorkerProcess } from "../../src/compose.ts";
import { loadConfig } from "../../src/config.ts";
import { createTestClock } from "../support/clock.ts";
import { until } from "../support/until.ts";
import { expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig | undefined;
let worker: Awaited<ReturnType<typeof openWorkerProcess>> | undefined;
afterEach(async () => {
  await worker?.close();
  rig?.expectClean();
  await rig?.close();
});

test("a batch that slips into the next month goes to those who are not at the cap there, and the sums hold", async () => {
  rig = await openRig({ accounts: { acme: { limits: { sendCallsPerDay: 1 } } }, workers: 0 });
  const story = rig;
  const desk = story.desk("acme");
  // Far ahead: Redis expires by its own clock what a clock behind it dates.
  const clock = createTestClock("2126-03-31T23:30:00+08:00");
  const config = loadConfig({ ...story.settings, QUNFA_LOG_LEVEL: "silent" }, "worker");
  worker = await openWorkerProcess(config, { clock });

  const everybody = people(15_000);
  const job = await story.add("slips", "acme", everybody, { perUserPerMonth: 1 });
  const waiting = (moment: string) =>
    story.shown("slips", ({ waitingFor }) => waitingFor?.until === new Date(moment).toISOString());
  const asleep = (number: number) =>
    until(async () => (await story.queues.batches.getJob(`slips~${number}`))?.isDelayed());
  /** Sleeping jobs sleep by the real clock: as if it had struck. */
  const strike = async (moment: string) => {
    clock.set(moment);
    await (await story.queues.batches.getJob(`slips~${left.number}`))?.promote();
  };

  await waiting("2126-04-01T00:00:00+08:00");
  const inMarch = new Set(desk.books.sends[0]?.touser);
  const batches = await story.batches("slips");
  const left = batches.find(({ state }) => state === "planned") ?? expect.fail("nothing is left");
  await asleep(left.number);

  // In April a hundred of those who wait are written to first, and that is the day's only call.
  clock.set("2126-04-01T00:00:05+08:00");
  const late = everybody.filter((openid) => !inMarch.has(openid));
  const capped = late.slice(0, 100);
  expect(await story.report(await story.add("april", "acme", capped))).toMatchObject({ state: "completed" });

  await strike("2126-04-01T00:00:10+08:00");
  await waiting("2126-04-02T00:00:00+08:00");
  const again = (await story.batches("slips")).find(({ number }) => number === left.number);
  expect(again).toMatchObject({ state: "planned", size: left.size - 100 });
  expect(again?.clientmsgid).not.toBe(left.clientmsgid);
  await asleep(left.number);
  expect(desk.calls).toHaveLength(2);

  await strike("2126-04-02T00:00:05+08:00");
  const report = await story.report(job);
  expectTrue(desk, "slips", report);
  expect(report).toMatchObject({
    ...{ state: "completed", sendCalls: 2, batches: { planned: 2, succeeded: 2 } },
    audience: { received: 15_000, capped: 100, admitted: 14_900 },
    recipients: { submitted: 14_900 },
  });
  const received = desk.books.received("「slips」");
  expect([...received.keys()].sort()).toEqual(everybody.filter((openid) => !capped.includes(openid)));
  expect(new Set(received.values())).toEqual(new Set([1]));
  expect(await story.fateOf("slips", capped[0] ?? "")).toMatchObject({ outcome: "capped" });
  expect(await story.fateOf("slips", late[100] ?? "")).toMatchObject({
    ...{ outcome: "admitted", batch: left.number, state: "succeeded" },
  });
});
