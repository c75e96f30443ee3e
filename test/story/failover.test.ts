import { Redis } from "ioredis";
import { afterEach, expect, test } from "vitest";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { expectOnce, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
let replica: Awaited<ReturnType<typeof openRedisServer>>;
let onReplica: Redis;
afterEach(async () => {
  rig.expectClean();
  await rig.close();
  await onReplica.quit();
  await replica.close();
});

const accounts = ["one", "two", "three"];

async function openStory() {
  const env = { QUNFA_POLL_MS: "500" };
  rig = await openRig({
    accounts: Object.fromEntries(accounts.map((id) => [id, {}])),
    env,
    workers: 2,
    gated: true,
  });
  // The test's own connections meet the failover too; QueueEvents could not be closed after it.
  await rig.events.close();
  rig.client.on("error", () => {});
  for (const queue of Object.values(rig.queues)) queue.on("error", () => {});

  await rig.client.config("SET", "repl-diskless-sync-delay", "0");
  const args = ["--appendonly", "no", "--replicaof", "127.0.0.1", String(rig.redis.port)];
  replica = await openRedisServer({ args });
  onReplica = new Redis(replica.url);
  await until(async () => (await onReplica.info("replication")).includes("master_link_status:up"), {
    timeoutMs: 20_000,
  });
}

/** Many calls of all accounts are behind it, and as many before it. */
async function getUnderWay(): Promise<void> {
  for (const account of accounts) {
    rig.desk(account).usual = { delayMs: 20 };
    await rig.add(`${account}-1`, account, people(100_000));
    await rig.add(`${account}-2`, account, people(50_000, 100_000));
  }
  await until(() => accounts.every((account) => rig.desk(account).calls.length >= 3), { timeoutMs: 60_000 });
}

async function expectAllOnce(): Promise<void> {
  for (const account of accounts)
    for (const [id, count, from] of [
      [`${account}-1`, 100_000, 0],
      [`${account}-2`, 50_000, 100_000],
    ] as const) {
      const { report } = await rig.shown(id, (shown) => shown.report !== null, 90_000);
      expect(report, id).toMatchObject({ state: "completed", recipients: { submitted: count } });
      expectOnce(rig.desk(account), id, people(count, from));
    }
}

test("the master dies under load and its replica is promoted by hand: nobody is missing, nobody gets it twice", async () => {
  await openStory();
  await getUnderWay();
  await rig.redis.kill();
  await onReplica.replicaof("NO", "ONE");
  rig.gate().leadTo(replica.port);
  await expectAllOnce();
});

test("a master that is demoted keeps its connections, and work goes on with the new one by itself", async () => {
  await openStory();
  await getUnderWay();
  const onMaster = new Redis(rig.redis.url);
  await onReplica.replicaof("NO", "ONE");
  rig.gate().leadTo(replica.port);
  // What WeChat is told now is not stored, so not acknowledged.
  await onMaster.replicaof("127.0.0.1", replica.port);
  await onMaster.quit();
  await expectAllOnce();
});
