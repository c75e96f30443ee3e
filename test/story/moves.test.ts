import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

const accounts = ["pause", "cancel", "early", "account", "late", "killed"];
let rig: Rig;
beforeAll(async () => {
  rig = await openRig({
    accounts: Object.fromEntries(accounts.map((id) => [id, {}])),
    workers: 2,
    // A call that is held back has to outlast what a test looks at meanwhile.
    env: { QUNFA_SEND_TIMEOUT_MS: "4000" },
  });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

/** Something that a test lets happen when it likes. */
function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** The move, which must not be answered before the call that is under way has come back. */
async function whileCalling(
  account: string,
  asked: () => Promise<unknown>,
  takesEffect: () => Promise<unknown>,
  open: () => void,
) {
  let answered = false;
  const answer = asked().finally(() => {
    answered = true;
  });
  await takesEffect();
  expect(answered).toBe(false);
  expect(rig.desk(account).inFlight).toBe(1);
  open();
  return answer;
}

const statesOf = async (id: string) => (await rig.batches(id)).map(({ state }) => state).sort();

describe("a campaign that is paused in the middle", () => {
  test("makes not one call once the answer is given, and resumed reaches everybody once", async () => {
    const desk = rig.desk("pause");
    const { opened, open } = gate();
    desk.script.push({}, {}, {}, { until: opened });
    const job = await rig.add("pause", "pause", people(95_000));
    await until(() => desk.calls.length === 4);
    expect(
      await whileCalling(
        "pause",
        () => rig.move("pause", "pause"),
        () => rig.shown("pause", ({ state }) => state === "paused"),
        open,
      ),
    ).toMatchObject({ status: 200, id: "pause", state: "paused" });
    expect(desk.inFlight).toBe(0);
    await rig.reconciled();
    expect(desk.calls).toHaveLength(4);
    expect(await rig.show("pause")).toMatchObject({ state: "paused", waitingFor: null });
    expect(await rig.get("/v1/campaigns?state=paused")).toMatchObject({ items: [{ id: "pause" }] });
    expect(await rig.move("pause", "pause")).toMatchObject({
      ...{ status: 409, code: "ILLEGAL_MOVE", allowed: ["resume", "cancel"] },
    });

    expect(await rig.move("resume", "pause")).toMatchObject({ status: 200, state: "sending" });
    const report = await rig.report(job);
    expect(report).toMatchObject({ state: "completed", sendCalls: 10, batches: { succeeded: 10 } });
    expectOnce(desk, "pause", people(95_000));
    expectTrue(desk, "pause", report);
    expect(await rig.move("resume", "pause")).toMatchObject({ status: 409, allowed: [] });
  });
});

describe("a campaign that is canceled", () => {
  test("follows what was accepted, gives what is in doubt to a person and sends no more", async () => {
    const desk = rig.desk("cancel");
    const { opened, open } = gate();
    const unheard = { result: { when: "never" } } as const;
    desk.script.push(unheard, { accept: true, answer: "cut", ...unheard }, { until: opened, ...unheard });
    const job = await rig.add("cancel", "cancel", people(55_000));
    await until(() => desk.calls.length === 3);
    const canceling = () => rig.shown("cancel", ({ state }) => state === "canceling");
    expect(await whileCalling("cancel", () => rig.move("cancel", "cancel"), canceling, open)).toMatchObject({
      ...{ status: 200, id: "cancel", state: "canceling" },
    });
    const left = ["accepted", "accepted", "canceled", "canceled", "canceled", "needs_review"];
    await until(async () => (await statesOf("cancel")).join() === left.join(), {
      describe: () => statesOf("cancel"),
    });
    for (const move of ["pause", "resume", "cancel"])
      expect(await rig.move(move, "cancel")).toMatchObject({ status: 409, allowed: [] });
    await rig.reconciled();
    expect(desk.calls).toHaveLength(3);

    const [first, , third] = desk.books.sends;
    if (!first || !third) throw new Error("three sends");
    await desk.push(first, {});
    await desk.push(third, {});
    const report = await rig.report(job);
    expect(report).toMatchObject({
      ...{ state: "canceled", reason: "CANCELED", sendCalls: 3 },
      batches: { planned: 6, succeeded: 2, needsReview: 1, canceled: 3 },
      audience: { received: 55_000, admitted: 55_000 },
      recipients: { submitted: first.touser.length + third.touser.length },
    });
    const closers = (await rig.batches("cancel")).map(({ closedBy }) => closedBy).sort();
    expect(closers).toEqual(["callback", "callback", "cancel", "cancel", "cancel", "cancel"]);
    expect((await rig.show("cancel")).report).toEqual(report);
  });

  test("before its start sends nothing: nothing is planned and nobody admitted", async () => {
    const startAt = new Date(Date.now() + 3_600_000).toISOString();
    const job = await rig.add("early", "early", [...people(40), "no OpenID"], { schedule: { startAt } });
    await rig.shown("early", ({ state }) => state === "scheduled");
    expect(await rig.move("resume", "early")).toMatchObject({ status: 409, allowed: ["pause", "cancel"] });
    expect(await rig.move("cancel", "early")).toMatchObject({ status: 200 });
    expect(await rig.report(job)).toMatchObject({
      ...{ state: "canceled", reason: "CANCELED", sendCalls: 0, batches: { planned: 0 } },
      audience: { received: 41, invalid: 1, excluded: 40, admitted: 0 },
    });
    expect(rig.desk("early").calls).toEqual([]);
  });
});

describe("an account that is paused", () => {
  test("stops every campaign of its own before the next call, until it is resumed", async () => {
    const desk = rig.desk("account");
    const { opened, open } = gate();
    desk.script.push({}, { until: opened });
    const waiting = (id: string) => rig.shown(id, ({ waitingFor }) => waitingFor?.code === "ACCOUNT_PAUSED");
    const asked = () => rig.moveAccount("pause", "account");
    expect(await asked()).toEqual({ status: 200, account: "account", state: "paused" });
    const jobs = [
      await rig.add("account-1", "account", people(35_000)),
      await rig.add("account-2", "account", people(25_000, 50_000)),
    ];
    await waiting("account-1");
    await waiting("account-2");
    expect(desk.calls).toEqual([]);

    await rig.moveAccount("resume", "account");
    await until(() => desk.calls.length === 2);
    await whileCalling("account", asked, () => waiting("account-1"), open);
    await waiting("account-2");
    expect(await asked()).toMatchObject({ status: 200, state: "paused" });
    await rig.reconciled();
    expect(desk.calls).toHaveLength(2);
    const { state, waitingFor } = await rig.show("account-1");
    expect(state).toBe("waiting");
    expect(waitingFor).toMatchObject({ reason: "account", until: null, message: expect.any(String) });
    // Another account's campaign goes its way.
    expect(await rig.report(await rig.add("late", "late", people(20)))).toMatchObject({ state: "completed" });

    for (let time = 0; time < 2; time++)
      expect(await rig.moveAccount("resume", "account")).toEqual({
        ...{ status: 200, account: "account", state: "active" },
      });
    for (const job of jobs) expect(await rig.report(job)).toMatchObject({ state: "completed" });
    expectOnce(desk, "account-1", people(35_000));
    expectOnce(desk, "account-2", people(25_000, 50_000));
    expect(desk.calls).toHaveLength(7);
  });

  test("is none of those that the server does not know: 404", async () => {
    expect(await rig.moveAccount("pause", "nobody")).toMatchObject({ status: 404, code: "NOT_FOUND" });
    expect(await rig.move("pause", "nobody")).toMatchObject({ status: 404, code: "NOT_FOUND" });
  });
});

test("a campaign that is canceled while its worker has died in a call: what that did is for a person to find out", async () => {
  const desk = rig.desk("killed");
  desk.script.push({ accept: true, until: new Promise<never>(() => {}), result: { when: "never" } });
  const job = await rig.add("killed", "killed", people(15_000));
  await until(() => desk.calls.length === 1);
  for (const worker of rig.workers()) worker.kill("SIGKILL");
  await rig.startWorker();
  expect(await rig.move("cancel", "killed")).toMatchObject({ status: 200 });
  expect(await rig.report(job)).toMatchObject({
    ...{ state: "canceled", reason: "CANCELED", sendCalls: 1 },
    batches: { planned: 2, needsReview: 1, canceled: 1 },
  });
  const review = (await rig.batches("killed")).find(({ state }) => state === "needs_review");
  expect(review?.error).toMatchObject({
    ...{ code: "CANCELED", message: expect.stringContaining("in doubt"), remedy: expect.any(String) },
  });
  expect(desk.calls).toHaveLength(1);
});
