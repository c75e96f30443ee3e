import { afterEach, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
afterEach(async () => {
  rig.expectClean();
  await rig.close();
});

test("jobs that were removed by hand come back through the reconciler", async () => {
  rig = await openRig({ accounts: { gone: {} } });
  const desk = rig.desk("gone");
  desk.usual = { result: { when: "never", poll: "SENDING" } };
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
});

test("the reconciler itself comes back when its schedule was lost, as a failover may lose it", async () => {
  rig = await openRig({ accounts: { gone: {} }, env: { QUNFA_RECONCILE_MS: "300" } });
  await rig.reconciled();
  await rig.queues.reconcile.removeJobScheduler("reconcile");
  await until(async () => (await rig.queues.reconcile.getJobSchedulers()).length === 0);
  await rig.reconciled();
}, 60_000);

test("and when its next job was lost alone, though a list that can't be read sleeps beside it", async () => {
  rig = await openRig({ accounts: { gone: {} }, env: { QUNFA_RECONCILE_MS: "300" } });
  rig.desk("gone").followersAnswer = { errcode: -1 };
  const { audienceId } = await rig.post("/v1/accounts/gone/audiences", { type: "all" });
  const delayed = () => rig.client.zrange("{qunfa}:reconcile:delayed", "0", "-1");
  await until(async () => (await delayed()).includes(`read-${audienceId}`));
  await until(async () => {
    const [next = ""] = (await delayed()).filter((id) => id.startsWith("repeat:"));
    return (await rig.client.zrem("{qunfa}:reconcile:delayed", next)) === 1;
  });
  await rig.reconciled();
}, 60_000);
