import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createKeys } from "../../src/store/keys.ts";
import type { SlotMove } from "../support/slot-move.ts";
import { until } from "../support/until.ts";
import { type ClusterRig, openClusterRig } from "./cluster-rig.ts";
import { expectOnce, expectTrue, people } from "./rig.ts";

// Their slots are on three nodes; that of `acme` on the node of the queues' slot.
const ids = ["acme", "north", "south"];
let rig: ClusterRig;
beforeAll(async () => {
  const held = ["intake", "plan", "send", "track"];
  rig = await openClusterRig({
    accounts: Object.fromEntries([...ids, ...held].map((id) => [id, {}])),
    workers: 2,
  });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

test("the accounts and the queues of this story are on three nodes", async () => {
  const owners = await Promise.all(ids.map((id) => rig.cluster.ownerOf(`{qunfa:${id}}`)));
  expect(new Set(owners).size).toBe(3);
  expect(await rig.cluster.ownerOf("{qunfa}")).toBe(owners[0]);
});

test("campaigns go on while the queues' slot and an account's slot move to another node and back", async () => {
  const jobs = await Promise.all(ids.map((id) => rig.add(id, id, people(45_000))));
  let ended = false;
  const reports = Promise.all(jobs.map((job) => rig.report(job, 60_000))).finally(() => {
    ended = true;
  });
  let moves = 0;
  for (; !ended; moves++) {
    const key = moves % 2 === 0 ? "{qunfa}" : "{qunfa:north}";
    const before = rig.desk("north").calls.length;
    const move = await rig.cluster.startMove(key);
    for (let step = 0; step < 5; step++) await move.carry(5);
    await move.finish();
    // Work is seen to go on before the next one.
    await until(() => ended || rig.desk("north").calls.length > before || moves > 8);
  }
  expect(moves).toBeGreaterThan(3);
  for (const [index, report] of (await reports).entries()) {
    const id = ids[index] ?? "";
    expectOnce(rig.desk(id), id, people(45_000));
    expectTrue(rig.desk(id), id, report);
    expect(report).toMatchObject({ state: "completed", sendCalls: 5, countsMissing: 0 });
  }
});

/** The rest is not carried over before the server has given up twice on a pause, which so has no effect. */
async function stayHalfMoved(id: string, moves: readonly SlotMove[]): Promise<void> {
  for (const tries of [1, 2])
    expect(await rig.move("pause", id), `try ${tries}`).toMatchObject({
      status: 503,
      code: "REDIS_AWAY",
    });
  for (const move of moves) await move.finish();
}

/** Moves of the account's slot, and of the queues' one with it, that are stuck in the middle. */
async function startBoth(id: string, keys: number): Promise<SlotMove[]> {
  const moves: SlotMove[] = [];
  for (const key of [`{qunfa:${id}}`, "{qunfa}"]) {
    const move = await rig.cluster.startMove(key);
    await move.carry(keys);
    moves.push(move);
  }
  return moves;
}

async function expectAllOnce(id: string, count: number, report: Awaited<ReturnType<ClusterRig["report"]>>) {
  expectOnce(rig.desk(id), id, people(count));
  expectTrue(rig.desk(id), id, report);
  expect(report).toMatchObject({
    ...{ state: "completed", countsMissing: 0, sendCalls: Math.ceil(count / 10_000) },
    audience: { received: count, admitted: count },
  });
}

test("a list is taken in and planned by itself once slots that were stuck in the middle have arrived", async () => {
  const keys = createKeys();
  const job = await rig.add("plan", "plan", people(25_000));
  await until(() => rig.client.exists(keys.campaign("plan", "plan" as never)));
  await stayHalfMoved("plan", await startBoth("plan", 4));
  await expectAllOnce("plan", 25_000, await rig.report(job));
});

test("the outcome of a call that is under way while its slot is stuck is kept: nobody is called twice", async () => {
  const desk = rig.desk("send");
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  desk.script.push({}, { until: held, result: { when: "never" } });
  const job = await rig.add("send", "send", people(35_000));
  await until(() => desk.calls.length === 2);
  const moves = await startBoth("send", 10);
  letGo();
  await until(() => desk.inFlight === 0);
  await stayHalfMoved("send", moves);
  const [sent] = desk.books.sends.slice(1);
  if (!sent) throw new Error("no second send");
  await until(async () => (await desk.push(sent, {})).status === 200);
  await expectAllOnce("send", 35_000, await rig.report(job));
});

test("a result that meets a slot on its way is not acknowledged, and one that comes again is taken in", async () => {
  const desk = rig.desk("track");
  desk.usual = { result: { when: "never", poll: "SENDING" } };
  const job = await rig.add("track", "track", people(15_000));
  await until(
    async () => (await rig.batches("track")).filter(({ state }) => state === "accepted").length === 2,
  );
  const moves = await startBoth("track", 8);
  const [one, two] = desk.books.sends;
  if (!one || !two) throw new Error("not two sends");
  expect((await desk.push(one, {})).status).toBe(503);
  await stayHalfMoved("track", moves);
  for (const sent of [one, two]) await until(async () => (await desk.push(sent, {})).status === 200);
  await expectAllOnce("track", 15_000, await rig.report(job));
});
