import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import type { Running } from "./process.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

/** Longer than any test waits: who waits for a lock fails. */
const lock = { QUNFA_LOCK_MS: "120000" };
const patience = { timeoutMs: 60_000 };
const accounts = ["answers", "silent", "leased", "twice", "plan", "sleeps"];
let rig: Rig;
beforeAll(async () => {
  rig = await openRig({
    accounts: Object.fromEntries(accounts.map((id) => [id, {}])),
    workers: 0,
    env: lock,
  });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const forever = new Promise<never>(() => {});

/** Told to stop, it is gone within the time of the contract, in order. */
async function expectStopped(worker: Running): Promise<void> {
  const asked = Date.now();
  worker.kill("SIGTERM");
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(Date.now() - asked).toBeLessThan(25_000);
}

describe("a worker that is told to stop", () => {
  test("with a call in flight waits for the answer and records it, begins no other, and leaves the rest", async () => {
    const desk = rig.desk("answers");
    const first = await rig.startWorker();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    desk.script.push({ until: held });
    const job = await rig.add("answers", "answers", people(25_000));
    await until(() => desk.calls.length === 1, patience);
    first.kill("SIGTERM");
    // The one that has nothing in hand has stopped already.
    await until(async () => (await rig.queues.campaigns.getWorkersCount()) === 0, patience);
    expect(first.hasEnded()).toBe(false);
    letGo();
    expect(await first.exited).toEqual({ code: 0, signal: null });
    expect(desk.calls).toHaveLength(1);

    const second = await rig.startWorker();
    const report = await rig.report(job);
    expectOnce(desk, "answers", people(25_000));
    expectTrue(desk, "answers", report);
    expect(report).toMatchObject({ state: "completed", sendCalls: 3 });
    await second.stop();
  });

  test("parks what does not end by its deadline, for another to take at once: a call without an answer, a wait for a token", async () => {
    const [silent, leased] = [rig.desk("silent"), rig.desk("leased")];
    const first = await rig.startWorker({ QUNFA_SEND_TIMEOUT_MS: "60000" });
    silent.script.push({ accept: true, until: forever });
    const job = await rig.add("silent", "silent", people(12_000));
    await until(() => silent.calls.length === 1, patience);
    // As if another process fetched the token, and died of it.
    const lease = "{qunfa:leased}:token-lease";
    await rig.client.set(lease, "somebody", "PX", 60_000);
    const other = await rig.add("leased", "leased", people(300));
    await until(() => other.isActive(), patience);

    await expectStopped(first);
    const counts = await Promise.all(
      [rig.queues.campaigns, rig.queues.batches].map((queue) => queue.getActiveCount()),
    );
    expect(counts).toEqual([0, 0]);

    await rig.client.del(lease);
    const second = await rig.startWorker({ QUNFA_SEND_TIMEOUT_MS: "1000" });
    for (const [desk, id, crowd, sent] of [
      [silent, "silent", 12_000, await rig.report(job)],
      [leased, "leased", 300, await rig.report(other)],
    ] as const) {
      expectOnce(desk, id, people(crowd));
      expectTrue(desk, id, sent);
      expect(sent).toMatchObject({ state: "completed", sendCalls: id === "silent" ? 3 : 1 });
    }
    await second.stop();
  });

  test("while it plans 100,000 people is gone in time, and another ends or begins what is left", async () => {
    const desk = rig.desk("plan");
    const first = await rig.startWorker();
    const job = await rig.add("plan", "plan", people(100_000));
    const plan = "{qunfa:plan}:campaign:plan:plan";
    await until(async () => (await rig.client.exists(plan)) === 1, patience);
    await expectStopped(first);
    expect(await rig.queues.campaigns.getActiveCount()).toBe(0);

    const second = await rig.startWorker();
    const report = await rig.report(job);
    expectOnce(desk, "plan", people(100_000));
    expectTrue(desk, "plan", report);
    expect(report).toMatchObject({ state: "completed", sendCalls: 10 });
    await second.stop();
  });

  test("leaves what sleeps where it is: another is woken by the result", async () => {
    const desk = rig.desk("sleeps");
    desk.usual = { result: { when: "never", poll: "SENDING" } };
    const first = await rig.startWorker();
    const job = await rig.add("sleeps", "sleeps", people(12_000));
    const asleep = async () => (await rig.queues.batches.getDelayedCount()) === 2;
    await until(async () => desk.books.sends.length === 2 && asleep(), patience);
    await expectStopped(first);
    expect(await asleep()).toBe(true);

    const second = await rig.startWorker();
    for (const sent of desk.books.sends) await desk.push(sent);
    const report = await rig.report(job);
    expectOnce(desk, "sleeps", people(12_000));
    expectTrue(desk, "sleeps", report);
    expect(report).toMatchObject({ state: "completed", sendCalls: 2 });
    await second.stop();
  });

  test("and told so again ends at once: the call in flight is in doubt, and nothing is lost", async () => {
    const desk = rig.desk("twice");
    // Short locks: what is in hand of one that ends at once is found by its lock.
    const short = { QUNFA_LOCK_MS: "1000" };
    const first = await rig.startWorker(short);
    desk.script.push({ accept: true, until: forever });
    const job = await rig.add("twice", "twice", people(300));
    await until(() => desk.calls.length === 1, patience);
    first.kill("SIGTERM");
    await until(async () => (await rig.queues.campaigns.getWorkersCount()) === 0, patience);
    expect(first.hasEnded()).toBe(false);
    first.kill("SIGTERM");
    expect(await first.exited).toEqual({ code: 1, signal: null });

    // BullMQ looks for locks that have run out once in their time: that of the workers before was long.
    await rig.client.del("{qunfa}:batches:stalled-check", "{qunfa}:campaigns:stalled-check");
    const second = await rig.startWorker(short);
    const report = await rig.report(job);
    expectOnce(desk, "twice", people(300));
    expectTrue(desk, "twice", report);
    expect(report).toMatchObject({ state: "completed", sendCalls: 2 });
    await second.stop();
  });
});
