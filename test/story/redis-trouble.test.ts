import { Redis } from "ioredis";
import { afterEach, expect, test } from "vitest";
import { openRedisServer } from "../support/redis-server.ts";
import { finishXml, httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
let second: Awaited<ReturnType<typeof openRedisServer>> | undefined;
afterEach(async () => {
  rig.expectClean();
  await rig.close();
  await second?.close();
  second = undefined;
});

async function expectDone(account: string, id: string, openids: readonly string[]): Promise<void> {
  const { report } = await rig.shown(id, (shown) => shown.report !== null, 90_000);
  expect(report).toMatchObject({ state: "completed", recipients: { submitted: openids.length } });
  expectOnce(rig.desk(account), id, openids);
}

const awayProblem = { status: 503, code: "REDIS_AWAY", type: "urn:qunfa:failure:REDIS_AWAY" };

test("Redis forgets its scripts again and again under load: nobody notices", async () => {
  rig = await openRig({ accounts: { one: {}, two: {} }, workers: 2 });
  let flushes = 0;
  let isOver = false;
  const flushing = (async () => {
    while (!isOver) {
      await rig.client.script("FLUSH", "SYNC");
      flushes += 1;
    }
  })();
  const jobs = await Promise.all(
    ["one", "two"].map(async (account) => rig.add(`flush-${account}`, account, people(60_000))),
  );
  for (const [index, account] of ["one", "two"].entries()) {
    const job = jobs[index];
    if (!job) throw new Error("no job");
    const report = await rig.report(job, 90_000);
    expect(report).toMatchObject({ state: "completed", sendCalls: 6, countsMissing: 0 });
    expectTrue(rig.desk(account), `flush-${account}`, report);
    expectOnce(rig.desk(account), `flush-${account}`, people(60_000));
  }
  isOver = true;
  await flushing;
  expect(flushes).toBeGreaterThan(100);
  // Not even an error that was tried again.
  rig.expectClean();
});

test("Redis is full: work pauses, callers get 503, and all goes on by itself when there is room again", async () => {
  rig = await openRig({
    accounts: { acme: {}, other: {} },
    workers: 2,
    env: { QUNFA_POLL_MS: "500" },
  });
  const desk = rig.desk("acme");
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  desk.script.push({}, { accept: true, until: held, answer: "cut", result: { when: "never" } });
  await rig.add("full", "acme", people(45_000));
  await until(() => desk.calls.length === 2);
  // One that is in the queue and one that is taken in and planned meanwhile.
  await rig.add("waits", "other", people(60_000), {}, { delay: 500 });

  const limit = async (bytes: number) => rig.client.config("SET", "maxmemory", String(bytes));
  await limit(1_000_000);
  letGo();
  await until(() => desk.inFlight === 0);
  // Not stored, so not acknowledged: WeChat sends it again.
  const counts = { total: 7, filter: 7, sent: 7, error: 0 };
  const pushed = await desk.post(finishXml({ msgId: "900719925470001", status: "send success", counts }));
  expect(pushed.status).toBe(503);
  expect(JSON.parse(pushed.text)).toMatchObject(awayProblem);
  expect(await rig.move("pause", "full")).toMatchObject(awayProblem);
  expect(await rig.moveAccount("pause", "acme")).toMatchObject(awayProblem);
  // What is only read is still answered.
  expect((await rig.show("full")).state).toBe("sending");
  const late = rig.startWorker();
  await expect(late).rejects.toThrow(/REDIS_AWAY: Redis takes nothing in/);

  // Through several recoveries of jobs that could not be put away, without a storm of tries: a beat is every two seconds.
  const worker = rig.workers()[0];
  const warnings = () => worker?.lines().filter(({ level = 0 }) => level >= 40) ?? [];
  const beats = () => warnings().filter(({ msg }) => msg === "The beat could not be stored").length;
  await until(() => beats() >= 4, { timeoutMs: 30_000 });
  expect(warnings().length).toBeLessThan(200);
  expect(desk.calls).toHaveLength(2);
  expect(rig.desk("other").calls).toHaveLength(0);

  await limit(0);
  await expectDone("acme", "full", people(45_000));
  await expectDone("other", "waits", people(60_000));
  // The call whose outcome could not be recorded was asked for once more, and WeChat knew it.
  expect(desk.calls.map(({ errcode }) => errcode).sort()).toEqual([0, 0, 0, 0, 45065, null]);
  expect(desk.calls.filter(({ errcode }) => errcode !== 0)).toMatchObject([
    { clientmsgid: desk.calls[1]?.clientmsgid },
    { clientmsgid: desk.calls[1]?.clientmsgid },
  ]);
});

test("Redis is loading its data: callers get 503, and all goes on by itself when it is done", async () => {
  rig = await openRig({ accounts: { acme: {} }, env: { QUNFA_POLL_MS: "500" } });
  await rig.events.close();
  rig.client.on("error", () => {});
  for (const queue of Object.values(rig.queues)) queue.on("error", () => {});
  const desk = rig.desk("acme");
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  desk.script.push({}, { until: held });
  await rig.add("loading", "acme", people(25_000));
  await until(() => desk.calls.length === 2);
  await rig.client.save();
  await rig.redis.kill();
  letGo();
  // Each of its keys takes long to load.
  const slowly = ["--key-load-delay", "60000", "--loading-process-events-interval-bytes", "1024"];
  const starting = openRedisServer({
    dir: rig.redis.dir,
    port: rig.redis.port,
    args: ["--appendonly", "no", ...slowly],
  });
  const probe = new Redis({ port: rig.redis.port, enableReadyCheck: false });
  probe.on("error", () => {});
  const word = () => probe.ping().catch(({ message }: Error) => message);
  await until(async () => (await word()).startsWith("LOADING"));
  expect((await httpRequest(`${rig.url}/readyz`)).status).toBe(503);
  expect(await rig.get(`/v1/campaigns/loading`)).toMatchObject(awayProblem);
  expect(await word()).toMatch(/^LOADING/);
  probe.disconnect();
  second = await starting;
  await expectDone("acme", "loading", people(25_000));
});
