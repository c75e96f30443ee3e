import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { type ClusterRig, openClusterRig } from "./cluster-rig.ts";
import { expectOnce, expectTrue, people, type Report } from "./rig.ts";

// Their slots are on three nodes; that of `acme` on the node of the queues' slot.
const ids = ["acme", "north", "south"];
const COUNT = 15_000;
let rig: ClusterRig;
beforeAll(async () => {
  rig = await openClusterRig({
    accounts: Object.fromEntries(ids.map((id) => [id, {}])),
    workers: 2,
    // A call that is held back has to outlast what the test looks at meanwhile.
    env: { QUNFA_SEND_TIMEOUT_MS: "10000" },
  });
  // The test's own connections meet the outage too; QueueEvents could not be closed after it.
  await rig.events.close();
  for (const queue of Object.values(rig.queues)) queue.on("error", () => {});
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const statusOf = async (path: string) => (await httpRequest(`${rig.url}${path}`)).status;

/** What an account's WeChat was sent of a campaign. */
const sentOf = (id: string, run: string) =>
  rig.desk(id).books.sends.filter(({ message }) => message.includes(`「${run}-${id}」`));

/** A campaign of each account, its first call under way until it is let go. */
async function startAll(run: string): Promise<() => void> {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  for (const id of ids) {
    // Results that meet the outage would be lost after three tries: the test hands them in itself.
    const result = { when: "never", poll: "SENDING" } as const;
    rig.desk(id).usual = { result };
    rig.desk(id).script.push({ until: held, result });
    await rig.add(`${run}-${id}`, id, people(COUNT));
  }
  const all = () => ids.every((id) => rig.desk(id).inFlight === 1);
  await until(all, { timeoutMs: 20_000, describe: "a call of each account is under way" });
  return letGo;
}

/** Everybody was sent it once, and the report says so. */
async function expectAllSent(id: string, run: string): Promise<void> {
  const campaign = `${run}-${id}`;
  const desk = rig.desk(id);
  const all = () => sentOf(id, run).length === 2;
  await until(all, { timeoutMs: 30_000, describe: () => ({ campaign, calls: desk.calls }) });
  for (const sent of sentOf(id, run)) await until(async () => (await desk.push(sent, {})).status === 200);
  const { report } = await rig.shown(campaign, (shown) => shown.report !== null, 30_000);
  expectOnce(desk, campaign, people(COUNT));
  expectTrue(desk, campaign, report as Report);
  expect(report).toMatchObject({ state: "completed", countsMissing: 0, batches: { succeeded: 2 } });
}

test.each([
  ["an account's ledger", "{qunfa:north}", "one"],
  ["the queues", "{qunfa}", "two"],
])(
  "the node of %s dies under load and comes back: nobody is lost, nobody gets it twice",
  async (_, key, run) => {
    const letGo = await startAll(run);
    const node = await rig.cluster.ownerOf(key);
    await node.kill();
    letGo();
    await until(() => ids.every((id) => rig.desk(id).inFlight === 0));

    // With one node away Redis serves no slot at all, as it is set by default.
    await until(async () => (await statusOf("/readyz")) === 503);
    expect(await statusOf(`/v1/campaigns/${run}-acme`)).toBe(503);
    const [unheard] = sentOf("north", run);
    if (!unheard) throw new Error("no send");
    expect((await rig.desk("north").push(unheard, {})).status).toBe(503);
    expect(await rig.move("pause", `${run}-north`)).toMatchObject({ status: 503, code: "REDIS_AWAY" });

    await node.restart();
    await rig.cluster.whole();
    for (const id of ids) await expectAllSent(id, run);
  },
);

test("a node stands still until its connections are given up: callers get 503 in time, and nobody is lost or gets it twice", async () => {
  const letGo = await startAll("three");
  const node = await rig.cluster.ownerOf("{qunfa:north}");
  node.standStill();
  letGo();
  await until(() => ids.every((id) => rig.desk(id).inFlight === 0));
  const [unheard] = sentOf("north", "three");
  if (!unheard) throw new Error("no send");
  const asked = Date.now();
  expect(await statusOf("/v1/campaigns/three-north")).toBe(503);
  expect(Date.now() - asked).toBeLessThan(4_500);
  const pushed = Date.now();
  expect((await rig.desk("north").push(unheard, {})).status).toBe(503);
  expect(Date.now() - pushed).toBeLessThan(4_500);
  expect(await statusOf("/healthz")).toBe(200);
  const gaveUp = () => rig.workers().some((worker) => worker.output().includes('"reason":"Socket timeout'));
  await until(gaveUp, { timeoutMs: 30_000, describe: "a worker gives its connection up" });

  node.goOn();
  await rig.cluster.whole();
  for (const id of ids) await expectAllSent(id, "three");
});
