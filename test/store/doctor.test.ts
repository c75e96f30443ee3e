import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Worker } from "bullmq";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Check } from "../../src/cli/check.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import type { Clock } from "../../src/clock.ts";
import { createDoctor } from "../../src/compose-doctor.ts";
import { Failure } from "../../src/failure.ts";
import { QUEUE } from "../../src/queues/queues.ts";
import { openRedisServer } from "../support/redis-server.ts";

type RedisServer = Awaited<ReturnType<typeof openRedisServer>>;
type Options = { redis?: string; clock?: Clock; lang?: string; wrong?: string };

let good: RedisServer;
let bad: RedisServer;
beforeAll(async () => {
  good = await openRedisServer();
  bad = await openRedisServer({ args: ["--maxmemory-policy", "allkeys-lru", "--appendonly", "no"] });
});
afterAll(async () => {
  await good.close();
  await bad.close();
});

/** `redis` of "" is none that could be one. */
async function doctor(args: readonly string[], { redis = good.url, clock, lang = "C", wrong }: Options = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const readConfig = () => {
    if (wrong) throw new Failure("BAD_CONFIG", wrong);
    return { accounts: [{ id: "acme" }, { id: "shop" }], redisUrls: [redis] } as never;
  };
  const code = await runCommandLine(args, {
    env: { LANG: lang },
    stdin: Readable.from([]),
    stdout,
    stderr,
    open: async () => {
      throw new Error("the ledger is no business of the doctor's");
    },
    openSandbox: () => Promise.reject(new Error("a sandbox was started")),
    openDoctor: async () =>
      createDoctor({ readConfig, findRedisUrls: () => (redis === "" ? undefined : [redis]) }, clock),
  });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

async function checks(options?: Options) {
  const { code, stdout, stderr } = await doctor(["doctor", "--offline", "-o", "json"], options);
  expect(stderr).toBe("");
  const answer = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  expect(answer.ok).toBe(code === 0);
  return { code, of: Object.fromEntries(answer.checks.map((check) => [check.check, check])) };
}

const ahead = (ms: number): Clock => ({ now: () => Date.now() + ms });

test("a healthy Redis passes every check; that there is no worker is worth a look", async () => {
  const { code, of } = await checks();
  expect(code).toBe(0);
  expect(of).toMatchObject({
    accounts: { state: "ok", found: 2 },
    redis: { state: "ok" },
    version: { state: "ok", found: expect.stringMatching(/^\d+\.\d+/) },
    eviction: { state: "ok", found: "noeviction" },
    appendOnly: { state: "ok", found: "yes" },
    clock: { state: "ok" },
    workers: { state: "warn", found: 0 },
  });
});

test("workers are counted", async () => {
  const { hostname: host, port } = new URL(good.url);
  const options = { connection: { host, port: Number(port) }, prefix: "{qunfa}" };
  const worker = new Worker(QUEUE.batches, async () => {}, options);
  try {
    await worker.waitUntilReady();
    expect((await checks()).of).toMatchObject({ workers: { state: "ok", found: 1 } });
  } finally {
    await worker.close();
  }
});

test.each([3_000, -120_000, 86_400_000])("a clock that is %i ms ahead fails", async (ms) => {
  const { code, of } = await checks({ clock: ahead(ms) });
  expect(code).toBe(78);
  expect(of.clock).toMatchObject({ state: "fail", code: "CLOCK_OFF" });
  expect(Math.abs(Number(of.clock?.found) - ms)).toBeLessThan(1_000);
});

test("a clock that is a second off passes", async () => {
  const { code, of } = await checks({ clock: ahead(1_000) });
  expect({ code, state: of.clock?.state }).toEqual({ code: 0, state: "ok" });
});

test("a Redis that may evict keys and has no append-only file fails twice, all else is still checked", async () => {
  const { code, of } = await checks({ redis: bad.url });
  expect(code).toBe(78);
  expect(of).toMatchObject({
    version: { state: "ok" },
    eviction: { state: "fail", found: "allkeys-lru", code: "BAD_REDIS" },
    appendOnly: { state: "fail", found: "no", code: "BAD_REDIS" },
    clock: { state: "ok" },
    workers: { state: "skip" },
  });
});

test("a Redis that is away fails, and what would be asked of it is not checked", async () => {
  const { code, of } = await checks({ redis: "redis://127.0.0.1:1" });
  expect(code).toBe(69);
  expect(of).toMatchObject({
    accounts: { state: "ok" },
    redis: { state: "fail", code: "REDIS_AWAY", found: expect.stringContaining("ECONNREFUSED") },
    clock: { state: "skip", found: null },
    workers: { state: "skip" },
  });
});

test("a wrong configuration fails, each line of it shown", async () => {
  const wrong = "the configuration has wrong values\n  QUNFA_ACCOUNTS: there is no such file";
  const { code, stdout } = await doctor(["doctor"], { wrong, redis: "" });
  expect(code).toBe(78);
  expect(stdout).toContain("QUNFA_ACCOUNTS: there is no such file");
  expect(stdout.match(/not checked/g)).toHaveLength(7);
});

test("a Redis that a wrong configuration names is checked all the same", async () => {
  const wrong = "the configuration has wrong values\n  QUNFA_ACCOUNTS: there is no such file";
  const { code, of } = await checks({ wrong, redis: bad.url });
  expect(code).toBe(78);
  expect(of).toMatchObject({
    accounts: { state: "fail", code: "BAD_CONFIG" },
    redis: { state: "ok" },
    eviction: { state: "fail", found: "allkeys-lru" },
    appendOnly: { state: "fail", found: "no" },
  });
  expect((await checks({ wrong, redis: "redis://127.0.0.1:1" })).of).toMatchObject({
    accounts: { state: "fail" },
    redis: { state: "fail", code: "REDIS_AWAY" },
  });
});

test("people get a table, in English or Chinese", async () => {
  const english = await doctor(["doctor", "--offline"], { clock: ahead(5_000) });
  expect(english.stdout).toMatch(/clock within 2 s of Redis' +│ FAILS +│ (49|50)\d\d ms ahead/);
  expect(english.stdout).toMatch(/configuration read +│ ok +│ accounts: 2/);
  const chinese = await doctor(["doctor", "--offline"], { clock: ahead(-5_000), lang: "zh_CN.UTF-8" });
  expect(chinese.stdout).toMatch(/时钟与 Redis 相差不超过 2 秒 +│ 失败 +│ 慢 (49|50)\d\d 毫秒/);
});
