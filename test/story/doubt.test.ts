import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { finishXml } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

const accounts = ["window", "refused", "nameless", "other", "first", "foreign", "elder", "later-day", "mass"];
let rig: Rig;
beforeAll(async () => {
  rig = await openRig({
    accounts: Object.fromEntries(accounts.map((id) => [id, {}])),
    env: { QUNFA_RESEND_WINDOW_MS: "1500" },
  });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const busy = { errcode: -1, errmsg: "system error" };
const lost = { accept: true, answer: "cut", result: { when: "never" } } as const;
const review = { state: "partly_completed", reason: "NEEDS_REVIEW" };

describe("a batch in doubt", () => {
  test("is asked for no longer than WeChat remembers its clientmsgid: then a person has to look", async () => {
    const desk = rig.desk("window");
    desk.usual = { accept: false, answer: busy };
    const report = await rig.report(await rig.add("window", "window", people(40)));
    expectTrue(desk, "window", report);
    expect(report).toMatchObject({
      ...review,
      batches: { planned: 1, needsReview: 1 },
      sendCalls: desk.calls.length,
    });
    expect((await rig.batches("window"))[0]).toMatchObject({
      state: "needs_review",
      closedBy: "resend-window",
    });
    const last = (desk.calls.at(-1)?.at ?? 0) - (desk.calls[0]?.at ?? 0);
    expect(last).toBeLessThan(1_500);
    expect(desk.calls.length).toBeGreaterThanOrEqual(3);
  });

  test("does not fail by a refusal of its repeat: the first call may have been a success", async () => {
    const desk = rig.desk("refused");
    desk.script.push(lost, { answer: { errcode: 40007, errmsg: "invalid media_id" } });
    const report = await rig.report(await rig.add("refused", "refused", people(40)));
    expect(report).toMatchObject({
      ...review,
      batches: { planned: 1, failed: 0, needsReview: 1 },
      sendCalls: 2,
    });
    expect((await rig.batches("refused"))[0]).toMatchObject({
      state: "needs_review",
      error: { errcode: 40007 },
    });
    expectOnce(desk, "refused", people(40));
  });

  test("keeps its doubt through a wait for quota", async () => {
    const desk = rig.desk("later-day");
    desk.script.push(lost, { answer: { errcode: 45028 } });
    await rig.add("later-day", "later-day", people(40));
    await rig.shown("later-day", ({ waitingFor }) => waitingFor?.reason === "daily-quota");
    expect((await rig.batches("later-day"))[0]).toMatchObject({ state: "unknown", calls: 2 });
    // The window of repeats runs on meanwhile.
    const report = await until(async () => (await rig.show("later-day")).report);
    expect(report).toMatchObject(review);
    expect(desk.calls).toHaveLength(2);
  });

  test("does not take the msg_id of another while an older one is in doubt: each gets its own", async () => {
    const desk = rig.desk("elder");
    desk.script.push({ ...lost, result: {} }, { ...lost, result: {} }, { answer: busy });
    const report = await rig.report(await rig.add("elder", "elder", people(15_000)));
    expectOnce(desk, "elder", people(15_000));
    expectTrue(desk, "elder", report);
    expect(report).toMatchObject({
      state: "completed",
      batches: { succeeded: 2 },
      sendCalls: desk.calls.length,
    });
    expect(desk.calls.slice(0, 4).map(({ errcode }) => errcode)).toEqual([null, null, -1, 45065]);
    for (const sent of desk.books.sends) {
      const owner = (await rig.batches("elder")).find(({ msgId }) => msgId === sent.msgId);
      expect(owner).toMatchObject({ clientmsgid: sent.clientmsgid, size: sent.touser.length });
    }
  });
});

describe("45065", () => {
  test("as the first answer ever is taken for what it says: sent already", async () => {
    const desk = rig.desk("first");
    // WeChat took it, and its answer to itself was lost: SDK users have seen this.
    const taken = { accept: true, answer: { errcode: 45065, errmsg: "clientmsgid exist" } };
    desk.script.push({ ...taken, result: { when: "never" } });
    await rig.add("first", "first", people(40));
    const [sent] = await until(() => desk.books.sends.length > 0 && desk.books.sends);
    // Without a msg_id nobody can tell which one: a person has to look.
    expect((await rig.shown("first", ({ report }) => report !== null)).report).toMatchObject(review);
    expect((await rig.batches("first"))[0]?.error).toMatchObject({ code: "MSG_ID_MISSING", errcode: 45065 });
    expect(sent?.touser).toHaveLength(40);
  });

  test("that names the msg_id of another batch is never believed", async () => {
    const desk = rig.desk("other");
    const first = await rig.report(await rig.add("other-1", "other", people(40)));
    expect(first.state).toBe("completed");
    const msgId = desk.books.sends[0]?.msgId ?? "";
    desk.script.push({ answer: { errcode: 45065, msg_id: msgId } });
    const report = await rig.report(await rig.add("other-2", "other", people(60, 40)));
    expect(report).toMatchObject({ ...review, recipients: { submitted: 0 }, sendCalls: 1 });
    expect((await rig.batches("other-2"))[0]).toMatchObject({
      state: "needs_review",
      error: { code: "MSG_ID_CONFLICT" },
    });
    expect((await rig.show("other-1")).report).toEqual(first);
  });

  test("that names a stranger's msg_id is found out by its TotalCount", async () => {
    const desk = rig.desk("foreign");
    const msgId = "90071992547499999";
    desk.script.push({ answer: { errcode: 45065, msg_id: msgId } });
    const job = await rig.add("foreign", "foreign", people(60));
    await until(async () => (await rig.batches("foreign"))[0]?.state === "accepted");
    const counts = { total: 999, filter: 999, sent: 999, error: 0 };
    await desk.post(finishXml({ msgId, status: "send success", counts }));
    expect(await rig.report(job)).toMatchObject({ ...review, batches: { succeeded: 0, needsReview: 1 } });
    expect((await rig.batches("foreign"))[0]?.error).toMatchObject({ code: "TOTAL_MISMATCH" });
  });
});
