import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

const names = ["all-out", "audit", "q45028", "q45009", "a48001", "m45011", "c45062"];
const more = ["r40007", "r40003", "token", "token-40164", "secret"];
let rig: Rig;
beforeAll(async () => {
  const accounts = Object.fromEntries([...names, ...more].map((id) => [id, {}]));
  const limits = {
    day: { limits: { sendCallsPerDay: 2 } },
    budget: { limits: { allCallsPerDay: 2 } },
    minute: { limits: { callsPerMinute: 2 } },
  };
  rig = await openRig({ accounts: { ...accounts, ...limits } });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

/** The next 0:00 in Shanghai, which keeps no summer time. */
function nextShanghaiMidnight(): string {
  const dayMs = 86_400_000;
  const offsetMs = 8 * 3_600_000;
  return new Date((Math.floor((Date.now() + offsetMs) / dayMs) + 1) * dayMs - offsetMs).toISOString();
}

/** Nothing but a wait is left, and neither the reconciler nor a wake-up makes another call. */
async function staysAt(account: string, calls: number): Promise<void> {
  await rig.reconciled();
  expect(rig.desk(account).calls).toHaveLength(calls);
}

const quotaOf = (account: string) => rig.get<object>(`/v1/accounts/${account}/quota`);

describe("WeChat's audit", () => {
  test("err(20001) of one batch when all are out: the campaign is partly completed", async () => {
    const desk = rig.desk("all-out");
    desk.usual = { result: { when: "never" } };
    const job = await rig.add("all-out", "all-out", people(25_000));
    await until(
      async () => (await rig.batches("all-out")).filter(({ state }) => state === "accepted").length === 3,
    );
    const [first, second, third] = desk.books.sends;
    if (!first || !second || !third) throw new Error("three sends");
    await desk.push(second, { status: "err(20001)", counts: [0, 0, 0, 0] });
    // Nothing is left that could be stopped: it waits for results, and for no person.
    expect(await rig.show("all-out")).toMatchObject({ state: "sending", waitingFor: null });
    await desk.push(first, {});
    await desk.push(third, {});
    const report = await rig.report(job);
    expectTrue(desk, "all-out", report);
    expect(report).toMatchObject({
      state: "partly_completed",
      reason: "SEND_FAILED",
      batches: { planned: 3, succeeded: 2, failed: 1 },
      sendCalls: 3,
    });
    const refused = (await rig.batches("all-out")).find(({ msgId }) => msgId === second.msgId);
    expect(refused).toMatchObject({ state: "failed", closedBy: "callback", error: { errcode: 20001 } });
  });

  test("err(20001) of the first batch stops the rest: the campaign waits for a person, reason content", async () => {
    const desk = rig.desk("audit");
    desk.script.push({ result: { status: "err(20001)", counts: [0, 0, 0, 0], when: "before" } });
    await rig.add("audit", "audit", people(25_000));
    const shown = await rig.shown("audit", ({ state }) => state === "waiting");
    expect(shown.waitingFor).toMatchObject({ reason: "content", until: null, errcode: 20001 });
    expect(shown.report).toBeNull();
    await staysAt("audit", 1);
    expect((await rig.batches("audit")).map(({ state }) => state).sort()).toEqual([
      "failed",
      "planned",
      "planned",
    ]);
  });
});

describe("not now", () => {
  test.each([
    ["q45028", 45028],
    ["q45009", 45009],
  ])(
    "%s: the campaign waits for the next Shanghai midnight, and so does the account's next",
    async (account, errcode) => {
      const desk = rig.desk(account);
      desk.script.push({}, { answer: { errcode } });
      await rig.add(account, account, people(25_000));
      const shown = await rig.shown(account, ({ state }) => state === "waiting");
      expect(shown.waitingFor).toMatchObject({
        reason: "daily-quota",
        until: nextShanghaiMidnight(),
        errcode,
      });
      await rig.add(`${account}-next`, account, people(20));
      const next = await rig.shown(`${account}-next`, ({ state }) => state === "waiting");
      expect(next.waitingFor).toMatchObject({ reason: "daily-quota", until: nextShanghaiMidnight() });
      await staysAt(account, 2);
      expect(await quotaOf(account)).toMatchObject({
        send: { used: 2, left: 0, stopped: { reason: "daily-quota", until: nextShanghaiMidnight() } },
      });
      const batches = await rig.batches(account);
      expect(batches.map(({ calls }) => calls).sort()).toEqual([0, 1, 1]);
    },
  );

  test("48001: the campaign waits for its account's operator, with the errcode and what to do", async () => {
    const desk = rig.desk("a48001");
    desk.script.push({ answer: { errcode: 48001, errmsg: "api unauthorized rid: 64f1-2" } });
    const started = Date.now();
    await rig.add("a48001", "a48001", people(25_000));
    const { waitingFor } = await rig.shown("a48001", ({ state }) => state === "waiting");
    expect(waitingFor).toMatchObject({
      reason: "account",
      errcode: 48001,
      remedy: expect.stringContaining("console"),
    });
    const waitMs = new Date(waitingFor?.until ?? 0).getTime() - started;
    expect(waitMs).toBeGreaterThanOrEqual(600_000);
    expect(waitMs).toBeLessThan(620_000);
    await staysAt("a48001", 1);
  });

  test("45011: the campaign waits a minute", async () => {
    const desk = rig.desk("m45011");
    desk.script.push({ answer: { errcode: 45011 } });
    const started = Date.now();
    await rig.add("m45011", "m45011", people(20));
    const { waitingFor } = await rig.shown("m45011", ({ state }) => state === "waiting");
    expect(waitingFor).toMatchObject({ reason: "minute-quota", errcode: 45011 });
    const waitMs = new Date(waitingFor?.until ?? 0).getTime() - started;
    expect(waitMs).toBeGreaterThanOrEqual(60_000);
    expect(waitMs).toBeLessThan(70_000);
    await staysAt("m45011", 1);
  });

  test("45062: this campaign alone waits for a person, the account's others go on", async () => {
    const desk = rig.desk("c45062");
    desk.script.push({ answer: { errcode: 45062 } });
    await rig.add("c45062", "c45062", people(25_000));
    const { waitingFor } = await rig.shown("c45062", ({ state }) => state === "waiting");
    expect(waitingFor).toMatchObject({ reason: "content", until: null, errcode: 45062 });
    expect(await rig.report(await rig.add("c-next", "c45062", people(20)))).toMatchObject({
      state: "completed",
    });
    await staysAt("c45062", 2);
  });

  const resetsAt = nextShanghaiMidnight();
  test.each([
    ["day", "daily-quota", 2, { send: { limit: 2, used: 2, held: 0, left: 0, resetsAt, stopped: null } }],
    ["budget", "daily-quota", 2, { send: { limit: 100, left: 0 }, allCalls: { limit: 2, used: 2, left: 0 } }],
    ["minute", "minute-quota", 1, { send: { used: 1, left: 99 }, minute: { limit: 2, used: 1 } }],
  ])("the account's own limit of its %s is kept: %s", async (account, reason, calls, quota) => {
    await rig.add(account, account, people(25_000));
    const { waitingFor } = await rig.shown(account, ({ state }) => state === "waiting");
    expect(waitingFor).toMatchObject({ reason });
    if (account !== "minute") expect(waitingFor?.until).toBe(nextShanghaiMidnight());
    await staysAt(account, calls);
    expect(await quotaOf(account)).toMatchObject(quota);
  });
});

describe("refused for good", () => {
  test("40007: the message is refused, so the other batches fail without a call", async () => {
    const desk = rig.desk("r40007");
    desk.script.push({ answer: { errcode: 40007, errmsg: "invalid media_id" } });
    const report = await rig.report(await rig.add("r40007", "r40007", people(25_000)));
    expectTrue(desk, "r40007", report);
    expect(report).toMatchObject({
      state: "failed",
      reason: "REFUSED",
      batches: { planned: 3, succeeded: 0, failed: 3 },
      sendCalls: 1,
    });
    expect(desk.calls).toHaveLength(1);
    const called = (await rig.batches("r40007")).filter(({ calls }) => calls > 0);
    expect(called).toMatchObject([{ state: "failed", error: { code: "REFUSED", errcode: 40007 } }]);
  });

  test("40003 twice: one batch's people are refused, looked up and refused again, the other batches go on", async () => {
    const desk = rig.desk("r40003");
    // Whichever is refused: the others behind it wait for their turn.
    desk.usual = {};
    desk.script.push({}, {}, { answer: { errcode: 40003 } }, { answer: { errcode: 40003 } });
    const report = await rig.report(await rig.add("r40003", "r40003", people(25_000)));
    expectTrue(desk, "r40003", report);
    expect(report).toMatchObject({
      state: "partly_completed",
      batches: { succeeded: 2, failed: 1 },
      sendCalls: 4,
    });
  });
});

describe("access tokens", () => {
  test("a token that dies in the middle is replaced once, and the campaign goes on", async () => {
    const desk = rig.desk("token");
    desk.script.push({ answered: desk.killToken });
    const report = await rig.report(await rig.add("token", "token", people(25_000)));
    expectOnce(desk, "token", people(25_000));
    expectTrue(desk, "token", report);
    expect(report).toMatchObject({ state: "completed", sendCalls: 4 });
    expect(desk.tokenCalls).toBe(2);
    expect(desk.calls).toHaveLength(3);
  });

  test.each([
    ["token-40164", 40164, "whitelist"],
    ["secret", 40125, "secret"],
  ])(
    "%s: a refused token makes the campaign wait for the account, no send is tried",
    async (account, errcode, remedy) => {
      const desk = rig.desk(account);
      desk.tokenRefusal = { errcode, errmsg: "invalid ip 198.51.100.7, not in whitelist rid: 65aa-1" };
      await rig.add(account, account, people(25_000));
      const { waitingFor } = await rig.shown(account, ({ state }) => state === "waiting");
      expect(waitingFor).toMatchObject({
        reason: "account",
        errcode,
        remedy: expect.stringContaining(remedy),
      });
      await staysAt(account, 0);
      // One that was refused is not asked for again by every batch, nor by every look. Planning asks first,
      // to learn how many followers there are, and stops nothing: the batch that asks next does.
      expect(desk.tokenCalls).toBeLessThanOrEqual(4);
      expect(
        (await rig.batches(account)).every(({ state, calls }) => state === "planned" && calls === 0),
      ).toBe(true);
    },
  );
});
