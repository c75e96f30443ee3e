import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Result } from "../support/strict-wechat.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Report, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  const names = ["silent", "deleted", "fails", "fails-not", "slow", "given-up", "token"];
  rig = await openRig({
    accounts: Object.fromEntries(names.map((id) => [id, {}])),
    env: { QUNFA_POLL_MS: "200,300", QUNFA_GIVE_UP_MS: "1500" },
  });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

/** A campaign whose results never come by themselves. */
async function silent(account: string, poll: NonNullable<Result["poll"]>, count = 70) {
  const desk = rig.desk(account);
  desk.usual = { result: { when: "never", poll } };
  const job = await rig.add(account, account, people(count));
  return { desk, job };
}

const noCounts = { total: 0, filtered: 0, sent: 0, failed: 0 };

/** Pushes the results at last; HTTP shows the corrected report, the job's return value stays as it was. */
async function pushLate(account: string, before: Report, result: Result): Promise<Report> {
  const desk = rig.desk(account);
  for (const sent of desk.books.sends)
    expect(await desk.push(sent, result)).toEqual({ status: 200, text: "success" });
  const job = await rig.queues.campaigns.getJob(account);
  expect(job?.returnvalue).toEqual(before);
  const { report } = await rig.shown(
    account,
    ({ report }) => JSON.stringify(report) !== JSON.stringify(before),
  );
  if (!report) throw new Error("no report");
  expectTrue(desk, account, report);
  return report;
}

test("no callback: a poll closes the batches, their counts are missing, and a late callback brings them", async () => {
  const { desk, job } = await silent("silent", "SEND_SUCCESS", 15_000);
  const report = await rig.report(job);
  expectOnce(desk, "silent", people(15_000));
  expect(report).toMatchObject({ state: "completed", reason: null, countsMissing: 2, sendCalls: 2 });
  expect(report.recipients).toEqual({ ...noCounts, submitted: 15_000 });
  expect((await rig.show("silent")).report).toEqual(report);
  expect((await rig.batches("silent")).map(({ closedBy }) => closedBy)).toEqual(["poll", "poll"]);

  const late = await pushLate("silent", report, {});
  expect(late).toMatchObject({ state: "completed", countsMissing: 0, sendCalls: 2 });
  expect(late.recipients.total).toBe(15_000);
  expect((await rig.batches("silent")).map(({ closedBy }) => closedBy)).toEqual(["callback", "callback"]);
});

test("DELETE says that it was sent and taken back later: the batch succeeded", async () => {
  const { job } = await silent("deleted", "DELETE");
  expect(await rig.report(job)).toMatchObject({ state: "completed", countsMissing: 1 });
});

test("SEND_FAIL: the report is failed, SEND_FAILED", async () => {
  const { job } = await silent("fails", "SEND_FAIL");
  const report = await rig.report(job);
  expect(report).toMatchObject({
    state: "failed",
    reason: "SEND_FAILED",
    batches: { planned: 1, failed: 1 },
  });
  expect((await rig.batches("fails"))[0]).toMatchObject({
    state: "failed",
    closedBy: "poll",
    error: { code: "SEND_FAIL" },
  });
  const late = await pushLate("fails", report, { status: "send fail", counts: [70, 70, 0, 70] });
  expect(late).toMatchObject({ state: "failed", reason: "SEND_FAILED", countsMissing: 0 });
});

test("a callback of success overrides a poll that said SEND_FAIL", async () => {
  const { job } = await silent("fails-not", "SEND_FAIL");
  const late = await pushLate("fails-not", await rig.report(job), {});
  expect(late).toMatchObject({
    state: "completed",
    reason: null,
    countsMissing: 0,
    batches: { succeeded: 1, failed: 0 },
  });
});

test("SENDING waits and asks again on the schedule, until it is done", async () => {
  const { desk, job } = await silent("slow", "SENDING");
  await until(() => desk.polls >= 2);
  const [sent] = desk.books.sends;
  if (sent) sent.result = { poll: "SEND_SUCCESS" };
  expect(await rig.report(job)).toMatchObject({ state: "completed", countsMissing: 1 });
  expect(desk.polls).toBeLessThanOrEqual(5);
});

test("a poll replaces a dead access token on its way", async () => {
  const { desk, job } = await silent("token", "SEND_SUCCESS");
  await until(() => desk.calls[0]?.errcode === 0);
  desk.killToken();
  expect(await rig.report(job)).toMatchObject({ state: "completed", sendCalls: 1 });
  expect(desk.tokenCalls).toBe(2);
});

test("nothing is heard at all: the batch is given up for review, and a late callback still settles it", async () => {
  const { desk, job } = await silent("given-up", "SENDING");
  const report = await rig.report(job);
  expect(report).toMatchObject({
    state: "partly_completed",
    reason: "NEEDS_REVIEW",
    batches: { planned: 1, succeeded: 0, failed: 0, needsReview: 1, canceled: 0 },
  });
  expect((await rig.batches("given-up"))[0]).toMatchObject({
    state: "needs_review",
    closedBy: "give-up",
    error: { code: "GIVEN_UP" },
  });
  const late = await pushLate("given-up", report, {});
  expect(late).toMatchObject({ state: "completed", reason: null, batches: { succeeded: 1, needsReview: 0 } });
  expectOnce(desk, "given-up", people(70));
});
