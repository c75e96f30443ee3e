import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** A window of an hour that opens in so many hours, as people write it, and when that is. */
function windowIn(hours: number) {
  const opensAt = Math.ceil(Date.now() / minuteMs) * minuteMs + hours * hourMs;
  const time = (at: number) => new Date(at + 8 * hourMs).toISOString().slice(11, 16);
  return { window: { from: time(opensAt), to: time(opensAt + hourMs) }, opensAt };
}
const later = windowIn(3);
const open = windowIn(23);

const names = ["start", "asleep", "past", "quota", "doubt", "window", "held", "audit", "unsent"];
let rig: Rig;
beforeAll(async () => {
  const limits = { callsPerMinute: 60, sendCallsPerDay: 1 };
  rig = await openRig({
    accounts: {
      ...Object.fromEntries(names.map((id) => [id, {}])),
      quota: { limits },
      shop: { window: later.window },
    },
  });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();

describe("a start", () => {
  test("is waited for, to the moment", async () => {
    const startAt = fromNow(2_000);
    const job = await rig.add("start", "start", people(40), { schedule: { startAt } });
    expect(await rig.shown("start", ({ state }) => state === "scheduled")).toMatchObject({
      ...{ waitingFor: null, report: null },
    });
    expect(await rig.get("/v1/campaigns?state=scheduled")).toMatchObject({ items: [{ id: "start" }] });
    expect(await rig.report(job)).toMatchObject({ state: "completed" });
    expect(rig.desk("start").calls[0]?.at).toBeGreaterThanOrEqual(Date.parse(startAt));
  });

  test("that comes while the campaign is paused is a start when that is resumed", async () => {
    const startAt = fromNow(1_500);
    const job = await rig.add("asleep", "asleep", people(40), { schedule: { startAt } });
    await rig.shown("asleep", ({ state }) => state === "scheduled");
    expect(await rig.move("pause", "asleep")).toMatchObject({ status: 200, state: "paused" });
    await until(() => Date.now() > Date.parse(startAt));
    await rig.reconciled();
    expect(rig.desk("asleep").calls).toEqual([]);
    expect(await rig.show("asleep")).toMatchObject({ state: "paused" });
    await rig.move("resume", "asleep");
    expect(await rig.report(job)).toMatchObject({ state: "completed" });
  });

  test("that lies in the past is a start now", async () => {
    const schedule = { startAt: "2020-01-01T00:00:00+08:00" };
    expect(await rig.report(await rig.add("past", "past", people(40), { schedule }))).toMatchObject({
      state: "completed",
    });
  });
});

describe("a deadline", () => {
  test("that has passed already cancels before anything is planned", async () => {
    const schedule = { deadline: "2020-01-01T00:00:00+08:00" };
    expect(await rig.report(await rig.add("gone", "past", people(40), { schedule }))).toMatchObject({
      ...{ state: "canceled", reason: "DEADLINE", batches: { planned: 0 } },
      audience: { received: 40, excluded: 40, admitted: 0 },
    });
  });

  test("that passes before the start cancels what is paused", async () => {
    const schedule = { startAt: fromNow(1_500), deadline: fromNow(2_500) };
    const job = await rig.add("too-late", "past", people(40), { schedule });
    await rig.shown("too-late", ({ state }) => state === "scheduled");
    await rig.move("pause", "too-late");
    expect(await rig.report(job)).toMatchObject({ state: "canceled", reason: "DEADLINE", sendCalls: 0 });
  });

  test("that passes while the day's quota is spent cancels what is left, whatever it was to wait for", async () => {
    const desk = rig.desk("quota");
    const schedule = { deadline: fromNow(3_500) };
    const job = await rig.add("quota", "quota", people(25_000), { schedule });
    await rig.shown("quota", ({ waitingFor }) => waitingFor?.reason === "daily-quota");
    const report = await rig.report(job);
    expectTrue(desk, "quota", report);
    expect(report).toMatchObject({
      ...{ state: "canceled", reason: "DEADLINE", sendCalls: 1 },
      batches: { planned: 3, succeeded: 1, canceled: 2 },
    });
    expect((await rig.batches("quota")).map(({ closedBy }) => closedBy).sort()).toEqual([
      ...["callback", "deadline", "deadline"],
    ]);
  });

  test("gives what is in doubt to a person, and calls no more", async () => {
    const desk = rig.desk("doubt");
    desk.usual = { answer: { errcode: -1, errmsg: "system error" } };
    const schedule = { deadline: fromNow(2_000) };
    const report = await rig.report(await rig.add("doubt", "doubt", people(40), { schedule }));
    expect(report).toMatchObject({ state: "partly_completed", reason: "NEEDS_REVIEW" });
    expect((await rig.batches("doubt"))[0]).toMatchObject({
      ...{ state: "needs_review", closedBy: "deadline" },
      error: { code: "DEADLINE", message: expect.stringContaining("in doubt"), remedy: expect.any(String) },
    });
    expect(desk.calls.at(-1)?.at).toBeLessThan(Date.parse(schedule.deadline));
  });
});

describe("a window", () => {
  test("of the campaign that is shut makes it wait until it opens", async () => {
    const schedule = { window: later.window };
    await rig.add("window", "window", people(40), { schedule });
    const shown = await rig.shown("window", ({ state }) => state === "waiting");
    const until = new Date(later.opensAt).toISOString();
    expect(shown.waitingFor).toMatchObject({ reason: "window", until });
    expect(await rig.get("/v1/campaigns?state=waiting&account=window")).toMatchObject({
      items: [{ id: "window" }],
    });
    expect(rig.desk("window").calls).toEqual([]);
  });

  test("of the account is kept by a campaign that has none, and no other", async () => {
    await rig.add("shop-1", "shop", people(40));
    const shown = await rig.shown("shop-1", ({ state }) => state === "waiting");
    expect(shown.waitingFor).toMatchObject({ reason: "window" });
    const schedule = { window: { from: open.window.from, to: later.window.from } };
    const job = await rig.add("shop-2", "shop", people(40, 40), { schedule });
    expect(await rig.report(job)).toMatchObject({ state: "completed" });
    expect(rig.desk("shop").calls).toHaveLength(1);
  });
});

describe("hold: the first batch goes alone", () => {
  const hold = { hold: "first-batch" };

  test("and the others by themselves when it has succeeded", async () => {
    const desk = rig.desk("held");
    desk.script.push({ result: { when: "never" } });
    const job = await rig.add("held", "held", people(35_000), hold);
    const shown = await rig.shown("held", ({ state }) => state === "waiting");
    expect(shown.waitingFor).toMatchObject({ reason: "first-batch", until: null });
    await rig.reconciled();
    expect(desk.calls).toHaveLength(1);
    const [first] = desk.books.sends;
    if (!first) throw new Error("no send");
    await desk.push(first, {});
    const report = await rig.report(job);
    expect(report).toMatchObject({ state: "completed", batches: { succeeded: 4 }, sendCalls: 4 });
    expectOnce(desk, "held", people(35_000));
  });

  test("and after the audit's refusal a person decides: the others go, or are canceled", async () => {
    const desk = rig.desk("audit");
    // Before the reply: else the next batch could be called before this one stops it.
    const refused = { result: { when: "before", status: "err(20001)", counts: [0, 0, 0, 0] } } as const;
    desk.script.push(refused, { result: { when: "never" } }, refused);
    const job = await rig.add("audit", "audit", people(35_000), hold);
    const shown = await rig.shown("audit", ({ waitingFor }) => waitingFor?.errcode === 20001);
    expect(shown).toMatchObject({ state: "waiting", waitingFor: { reason: "content", until: null } });
    await rig.reconciled();
    expect(desk.calls).toHaveLength(1);

    // Let go: the next is accepted, the one after it refused again, and that stops the last.
    expect(await rig.move("resume", "audit")).toMatchObject({ status: 200 });
    await until(() => desk.calls.length === 3);
    await rig.shown("audit", ({ state }) => state === "waiting");
    await rig.reconciled();
    expect(desk.calls).toHaveLength(3);
    expect(await rig.move("cancel", "audit")).toMatchObject({ status: 200, state: "canceling" });
    const sent = desk.books.sends[1];
    if (!sent) throw new Error("two sends");
    await desk.push(sent, {});
    const report = await rig.report(job);
    expect(report).toMatchObject({
      ...{ state: "canceled", reason: "CANCELED", sendCalls: 3 },
      batches: { planned: 4, succeeded: 1, failed: 2, canceled: 1 },
    });
  });

  test("and when its send failed the others wait for a person", async () => {
    const desk = rig.desk("unsent");
    desk.script.push({ result: { status: "send fail" } });
    const job = await rig.add("unsent", "unsent", people(15_000), hold);
    const shown = await rig.shown("unsent", ({ state }) => state === "waiting");
    expect(shown.waitingFor).toMatchObject({ reason: "first-batch", until: null });
    await rig.reconciled();
    expect(desk.calls).toHaveLength(1);
    await rig.move("resume", "unsent");
    expect(await rig.report(job)).toMatchObject({ state: "partly_completed", sendCalls: 2 });
  });
});
