import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { expectOnce, openRig, people, type Rig, type RigOptions } from "./rig.ts";

let rig: Rig;
let second: Awaited<ReturnType<typeof openRedisServer>> | undefined;
afterEach(async () => {
  await rig.close();
  await second?.close();
  second = undefined;
});

const HOUR_MS = 3_600_000;

async function openStory(options: Partial<RigOptions> = {}) {
  rig = await openRig({ accounts: { acme: {} }, env: { QUNFA_POLL_MS: "300" }, ...options });
  // The test's own connections meet the restart too; QueueEvents could not be closed after it.
  await rig.events.close();
  rig.client.on("error", () => {});
  for (const queue of Object.values(rig.queues)) queue.on("error", () => {});
  return rig;
}

const dump = (name: string) => join(rig.redis.dir, name);

/** An operator's backup. */
async function backUp(): Promise<void> {
  await rig.client.save();
  copyFileSync(dump("dump.rdb"), dump("backup.rdb"));
}

/** Redis is stopped and started again with what the backup holds. */
async function restore(): Promise<void> {
  await rig.redis.kill();
  copyFileSync(dump("backup.rdb"), dump("dump.rdb"));
  second = await openRedisServer({
    dir: rig.redis.dir,
    port: rig.redis.port,
    args: ["--appendonly", "no"],
  });
  await until(async () => (await rig.client.ping().catch(() => "")) === "PONG");
}

/** A campaign that is backed up when its first batch is out, and sent to its end afterwards; and one that only lay in its queue. */
async function sendBehindBackup(): Promise<void> {
  const desk = rig.desk("acme");
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  desk.script.push({}, { until: held });
  await rig.add("offer", "acme", people(25_000));
  await until(() => desk.calls.length === 2);
  await rig.add("queued", "acme", people(500, 30_000), {}, { delay: 1_000 });
  await backUp();
  letGo();
  await rig.shown("offer", ({ state }) => state === "completed");
  await rig.shown("queued", ({ state }) => state === "completed");
}

/** Both wait for a person and make no call; resumed, WeChat knows them all. */
async function expectPausedUntilResumed(): Promise<void> {
  const desk = rig.desk("acme");
  const made = desk.calls.length;
  await rig.shown("offer", ({ state }) => state === "paused");
  await rig.shown("queued", ({ state }) => state === "paused");
  await rig.reconciled();
  expect(desk.calls).toHaveLength(made);

  for (const id of ["offer", "queued"]) {
    expect(await rig.move("resume", id)).toMatchObject({ status: 200 });
    await rig.shown(id, ({ state }) => state === "completed", 30_000);
  }
  expectOnce(desk, "offer", people(25_000));
  expectOnce(desk, "queued", people(500, 30_000));
  expect(new Set(desk.calls.slice(made).map(({ errcode }) => errcode))).toEqual(new Set([45065]));
}

test("an older backup is restored under a living worker: it pauses all open campaigns before its next call", async () => {
  const { client, workers } = await openStory();
  await sendBehindBackup();
  // As long as a crash may never take back.
  const beat = async () => Number(await client.hget("{qunfa}:beat", "count"));
  const from = await beat();
  await until(async () => (await beat()) >= from + 8, { timeoutMs: 40_000 });
  await restore();
  await expectPausedUntilResumed();
  await workers()[0]?.says("Redis holds older data than before: all open campaigns are paused");
  rig.expectClean({ errors: true });
});

test("an older backup is restored while nothing runs: the next worker pauses all open campaigns, the one after it none", async () => {
  const { client, workers, startWorker } = await openStory();
  await sendBehindBackup();
  await workers()[0]?.stop();
  await restore();
  // The backup is two hours old, and so is what lies in it.
  await client.hincrby("{qunfa}:beat", "at", -2 * HOUR_MS);
  await client.hincrby("{qunfa}:campaigns:queued", "timestamp", -2 * HOUR_MS);
  const first = await startWorker();
  await first.says("No worker has run for over an hour: all open campaigns are paused");
  await startWorker();
  await expectPausedUntilResumed();
  rig.expectClean({ errors: true });
});

/** A campaign that is to start while all workers are stopped, for two hours; Redis had run for one before. */
async function stopThroughStart(): Promise<void> {
  const startAt = new Date(Date.now() + 2_000).toISOString();
  await rig.add("scheduled", "acme", people(500), { schedule: { startAt } });
  await rig.shown("scheduled", ({ state }) => state === "scheduled");
  await rig.workers()[0]?.stop();
  await until(() => Date.now() > Date.parse(startAt));
  await rig.client.hincrby("{qunfa}:beat", "at", -2 * HOUR_MS);
  await rig.gate().age(3 * HOUR_MS);
}

test("no worker runs for two hours and Redis does: campaigns go on by themselves", async () => {
  await openStory({ gated: true });
  await stopThroughStart();
  await rig.add("queued", "acme", people(500, 500));
  await rig.client.hincrby("{qunfa}:campaigns:queued", "timestamp", -3 * HOUR_MS);
  await rig.startWorker();
  for (const id of ["scheduled", "queued"]) await rig.shown(id, ({ state }) => state === "completed");
  expectOnce(rig.desk("acme"), "scheduled", people(500));
  expectOnce(rig.desk("acme"), "queued", people(500, 500));
  rig.expectClean();
});

test("no worker runs for two hours and Redis is started anew in them, with all its data: campaigns wait for a person", async () => {
  await openStory({ gated: true, appendOnly: true });
  await stopThroughStart();
  await rig.redis.kill();
  second = await openRedisServer({ dir: rig.redis.dir, port: rig.redis.port });
  await until(async () => (await rig.client.ping().catch(() => "")) === "PONG");
  const worker = await rig.startWorker();
  await worker.says("No worker has run for over an hour: all open campaigns are paused");
  await rig.shown("scheduled", ({ state }) => state === "paused");
  await rig.reconciled();
  expect(rig.desk("acme").calls).toEqual([]);
  expect(await rig.move("resume", "scheduled")).toMatchObject({ status: 200 });
  await rig.shown("scheduled", ({ state }) => state === "completed");
  expectOnce(rig.desk("acme"), "scheduled", people(500));
  rig.expectClean({ errors: true });
});
