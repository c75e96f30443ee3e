import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Behaviour } from "../support/strict-wechat.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

const accounts = [
  "cut",
  "half",
  "html",
  "gateway",
  "busy",
  "taken",
  "again",
  "hasty",
  "before",
  "slow",
  "twice",
  "chain",
];
let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: Object.fromEntries(accounts.map((id) => [id, {}])) });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const busy = { errcode: -1, errmsg: "system error" };
const forever = new Promise<never>(() => {});

/** What the first call meets, and what the repeat is told. */
const doubts: [string, string, Behaviour, repeat: number][] = [
  ["cut", "the connection is cut after WeChat took it", { accept: true, answer: "cut" }, 45065],
  ["half", "half an answer comes", { accept: true, answer: "half" }, 45065],
  ["html", "the answer is a page of HTML", { accept: true, answer: "html" }, 45065],
  ["gateway", "a 502 comes although WeChat took it", { accept: true, answer: "bad-gateway" }, 45065],
  ["taken", "WeChat says -1 although it took it", { accept: true, answer: busy }, 45065],
  ["slow", "no answer comes within the time-out", { accept: true, until: forever }, 45065],
  ["busy", "WeChat says -1 and did nothing", { accept: false, answer: busy }, 0],
  ["hasty", "WeChat says 45066, too fast", { accept: false, answer: { errcode: 45066 } }, 0],
  ["before", "the connection is cut before WeChat took it", { accept: false, answer: "cut" }, 0],
];

test.each(doubts)(
  "%s: %s; it is asked again with the same clientmsgid, nobody gets it twice",
  async (account, _, first, repeat) => {
    const desk = rig.desk(account);
    // The first result comes to nobody's msg_id: it is kept until the repeat has named it.
    desk.script.push({ result: { when: 0 }, ...first });
    const id = `lost-${account}`;
    const report = await rig.report(await rig.add(id, account, people(500)));

    expectOnce(desk, id, people(500));
    expectTrue(desk, id, report);
    expect(report).toMatchObject({ state: "completed", reason: null, sendCalls: 2, countsMissing: 0 });
    expect(desk.calls).toHaveLength(2);
    expect(new Set(desk.calls.map(({ clientmsgid }) => clientmsgid)).size).toBe(1);
    expect(desk.calls[1]?.errcode).toBe(repeat);
    const [batch] = await rig.batches(id);
    expect(batch).toMatchObject({
      state: "succeeded",
      closedBy: "callback",
      calls: 2,
      msgId: desk.books.sends[0]?.msgId,
    });
  },
);

test("the wait doubles with every repeat, and the campaign shows that it waits for one", async () => {
  const desk = rig.desk("again");
  desk.script.push(...Array(4).fill({ accept: false, answer: busy }));
  const job = await rig.add("again", "again", people(20));
  const waiting = await rig.shown("again", ({ state }) => state === "waiting");
  expect(waiting.waitingFor).toMatchObject({ reason: "resend", errcode: -1 });
  expect(await rig.report(job)).toMatchObject({ state: "completed", sendCalls: 5 });

  const waits = desk.calls.slice(1).map(({ at }, index) => at - (desk.calls[index]?.at ?? 0));
  for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(195 * 2 ** index);
  expectOnce(desk, "again", people(20));
});

test("one batch of three is in doubt: the others go on, and 45065 is adopted by the right one", async () => {
  const desk = rig.desk("twice");
  desk.script.push({}, { accept: true, answer: "cut" });
  const report = await rig.report(await rig.add("three", "twice", people(20_500)));
  expectOnce(desk, "three", people(20_500));
  expectTrue(desk, "three", report);
  expect(report).toMatchObject({ state: "completed", sendCalls: 4 });
});

test("batches that are told 45065 while an older one is in doubt wait for it without a call, and then go on at once", async () => {
  const desk = rig.desk("chain");
  const lost: Behaviour = { accept: true, answer: "cut" };
  const still: Behaviour = { accept: false, answer: busy };
  // The eldest stays in doubt for two more calls of its own.
  desk.script.push(lost, lost, lost, lost, still, {}, {}, {}, still);
  const report = await rig.report(await rig.add("chain", "chain", people(40_000)));
  expectOnce(desk, "chain", people(40_000));
  expectTrue(desk, "chain", report);
  expect(report).toMatchObject({ state: "completed", batches: { succeeded: 4 } });
  const [eldest, ...younger] = desk.books.sends.map(({ clientmsgid }) =>
    desk.calls.filter((call) => call.clientmsgid === clientmsgid).map(({ errcode }) => errcode),
  );
  expect(eldest).toEqual([null, -1, -1, 45065]);
  for (const calls of younger) expect(calls).toEqual([null, 45065, 45065]);
  const [first = 0, ...others] = desk.books.sends.map(
    ({ clientmsgid }) => desk.calls.findLast((call) => call.clientmsgid === clientmsgid)?.at ?? 0,
  );
  for (const at of others) expect(at - first).toBeLessThan(5_000);
});

test("a call that never left costs nothing: the unit goes back and it is not in sendCalls", async () => {
  const away = await openRig({ accounts: { away: { limits: { sendCallsPerDay: 2 } } } });
  try {
    const desk = away.desk("away");
    await away.report(await away.add("warm-up", "away", people(2)));
    await away.wechat.leave();
    const job = await away.add("never-left", "away", people(300));
    await until(async () => (await away.batches("never-left"))[0]?.error?.code === "NEVER_LEFT");
    expect((await away.batches("never-left"))[0]).toMatchObject({ state: "planned", calls: 0 });
    // The day has two units: were one spent by this, none would be left.
    await until(async () => {
      const { logs } = await away.queues.batches.getJobLogs("never-left~1");
      return logs.filter((line) => line.includes("Not now")).length >= 2;
    });
    await away.wechat.comeBack();
    const report = await away.report(job);
    expectOnce(desk, "never-left", people(300));
    expect(report).toMatchObject({ state: "completed", sendCalls: 1 });
    away.expectClean();
  } finally {
    await away.close();
  }
});
