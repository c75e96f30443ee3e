import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Behaviour } from "../support/strict-wechat.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

const accounts = [
  "took",
  "not-yet",
  "answered",
  "intake",
  "stored",
  "record",
  "plan",
  "batches",
  "term",
  "gone",
];
let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: Object.fromEntries(accounts.map((id) => [id, {}])), workers: 0 });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const forever = new Promise<never>(() => {});

describe("a worker killed between call and record", () => {
  /** What WeChat had done of the second of three batches when the worker died. */
  const moments: [string, string, Behaviour, sendCalls: number][] = [
    ["took", "WeChat has taken the batch, the answer is under way", { accept: true, until: forever }, 4],
    ["not-yet", "WeChat has not taken the batch yet", { accept: false, answer: "cut", until: forever }, 4],
  ];

  const slow = { QUNFA_SEND_TIMEOUT_MS: "4000" };

  test.each(moments)(
    "%s: %s; another worker takes over, nobody gets it twice or not at all",
    async (account, _, met, sendCalls) => {
      const desk = rig.desk(account);
      const first = await rig.startWorker(slow);
      desk.script.push({}, met);
      const job = await rig.add(`kill-${account}`, account, people(25_000));
      await until(() => desk.calls.length === 2);
      first.kill("SIGKILL");
      await first.exited;
      const second = await rig.startWorker(slow);

      const report = await rig.report(job);
      expectOnce(desk, `kill-${account}`, people(25_000));
      expectTrue(desk, `kill-${account}`, report);
      expect(report).toMatchObject({ state: "completed", sendCalls, countsMissing: 0 });
      expect(desk.calls).toHaveLength(sendCalls);
      // A call may be under way for all of its time-out, and WeChat wants its rest after that.
      const id = desk.calls[1]?.clientmsgid;
      const [lost, repeat] = desk.calls.filter(({ clientmsgid }) => clientmsgid === id);
      expect((repeat?.at ?? 0) - (lost?.at ?? 0)).toBeGreaterThanOrEqual(4_100);
      await second.stop();
    },
  );

  test("the answer has just come: whatever of it was recorded, nobody gets it twice", async () => {
    const desk = rig.desk("answered");
    for (let round = 1; round <= 2; round++) {
      const id = `kill-answered-${round}`;
      const first = await rig.startWorker();
      desk.script.push({ answered: () => first.kill("SIGKILL") });
      const job = await rig.add(id, "answered", people(300));
      await first.exited;
      const second = await rig.startWorker();
      const report = await rig.report(job);
      expectOnce(desk, id, people(300));
      expectTrue(desk, id, report);
      expect(report).toMatchObject({ state: "completed" });
      await second.stop();
    }
  });
});

describe("a worker killed while it takes in and plans 100,000 OpenIDs", () => {
  const key = (account: string, rest: string) => `{qunfa:${account}}:campaign:kill-${account}${rest}`;
  const moments: [string, string, () => Promise<unknown>][] = [
    ["intake", "the first chunk is stored", () => rig.client.exists(key("intake", ":list"))],
    ["record", "the record is there", () => rig.client.exists(key("record", ""))],
    [
      "plan",
      "a third of the shards are admitted",
      // Three fields for each of sixteen shards: that many has an account of 30,000 followers.
      async () => (await rig.client.hlen(key("plan", ":plan"))) >= 16,
    ],
    ["batches", "the third batch is cut", () => rig.client.exists(key("batches", ":batch:3"))],
  ];

  test.each(moments)("%s: %s; another goes on where it was", async (account, _, reached) => {
    const desk = rig.desk(account);
    const id = `kill-${account}`;
    const first = await rig.startWorker();
    const list = [...people(99_000), ...people(990), ...Array(10).fill("nobody")];
    const job = await rig.add(id, account, list);
    // Closer than `until` looks: what is to be hit lasts milliseconds.
    const deadline = Date.now() + 20_000;
    while (!(await reached())) if (Date.now() > deadline) throw new Error("never reached");
    first.kill("SIGKILL");
    await first.exited;
    // The plan ends right behind its last batch, so a first call may have begun there.
    const begun = account === "batches" ? 1 : 0;
    expect(desk.calls.length).toBeLessThanOrEqual(begun);

    const second = await rig.startWorker();
    const report = await rig.report(job);
    expectOnce(desk, id, people(99_000));
    expectTrue(desk, id, report);
    expect(report).toMatchObject({
      state: "completed",
      audience: { received: 100_000, invalid: 10, duplicate: 990, excluded: 0, capped: 0, admitted: 99_000 },
    });
    expect(report.sendCalls - 10).toBeLessThanOrEqual(begun);
    expect((await rig.queues.campaigns.getJob(id))?.data).toEqual({ account, stored: true });
    await second.stop();
  });
});

test("SIGTERM with a call in flight: the worker waits for the answer, records it, and exits 0", async () => {
  const desk = rig.desk("term");
  const first = await rig.startWorker();
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  desk.script.push({ until: held });
  const job = await rig.add("term", "term", people(25_000));
  await until(() => desk.calls.length === 1);
  first.kill("SIGTERM");
  // The one that has nothing in hand has stopped already.
  await until(async () => (await rig.queues.campaigns.getWorkersCount()) === 0);
  expect(first.hasEnded()).toBe(false);
  letGo();
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(desk.calls).toHaveLength(1);

  const second = await rig.startWorker();
  const report = await rig.report(job);
  expectOnce(desk, "term", people(25_000));
  expectTrue(desk, "term", report);
  expect(report).toMatchObject({ state: "completed", sendCalls: 3 });
  await second.stop();
});

test("jobs that were removed by hand come back through the reconciler", async () => {
  const desk = rig.desk("gone");
  desk.usual = { result: { when: "never", poll: "SENDING" } };
  const worker = await rig.startWorker();
  await rig.add("gone", "gone", people(15_000));
  await until(
    async () => (await rig.batches("gone")).filter(({ state }) => state === "accepted").length === 2,
  );
  const removed = () =>
    Promise.all([rig.queues.batches.remove("gone~1"), rig.queues.campaigns.remove("gone")]);
  await until(async () => (await removed()).every((count) => count === 1) || undefined, {
    describe: "both jobs sleep",
  });

  await until(() => rig.queues.batches.getJob("gone~1"));
  const back = await until(() => rig.queues.campaigns.getJob("gone"));
  expect(back.data).toEqual({ account: "gone", stored: true });
  for (const sent of desk.books.sends) await desk.push(sent, {});
  const report = await rig.report(back);
  expectOnce(desk, "gone", people(15_000));
  expectTrue(desk, "gone", report);
  expect(report).toMatchObject({ state: "completed", sendCalls: 2 });
  await worker.stop();
});
