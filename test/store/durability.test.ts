import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogger } from "../../src/log.ts";
import { createDurability } from "../../src/store/durability.ts";
import { infoFields } from "../../src/store/redis-server.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

type Server = Awaited<ReturnType<typeof openRedisServer>>;
const args = ["--appendonly", "no", "--repl-diskless-sync-delay", "0"];

let master: Server;
let redis: Redis;
let warnings: string[];
const closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  master = await openRedisServer({ args });
  redis = new Redis(master.url);
  warnings = [];
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await redis.quit();
  await master.close();
});

function durabilityOf(appendOnly = false) {
  const log = createLogger("silent");
  log.warn = (message: unknown) => {
    warnings.push(String(message));
  };
  const server = { version: "7.0.15", policy: "noeviction", appendOnly, ofCluster: false };
  return createDurability(redis, server, log);
}

async function attach() {
  const replica = await openRedisServer({
    args: [...args, "--replicaof", "127.0.0.1", String(master.port)],
  });
  const client = new Redis(replica.url);
  closers.push(
    () => replica.close(),
    () => client.quit(),
  );
  await until(async () => (await client.info("replication")).includes("master_link_status:up"), {
    timeoutMs: 20_000,
  });
  return { replica, client };
}

const waits = async () => {
  const stats = infoFields(await redis.info("commandstats")).get("cmdstat_wait") ?? "";
  return Number(/calls=(\d+)/.exec(stats)?.[1] ?? 0);
};

test("a plan waits for a replica that has come since the process started", async () => {
  const makeDurable = durabilityOf();
  await makeDurable();
  expect(await waits()).toBe(0);
  const { client } = await attach();
  await redis.set("plan", "stored");
  expect(await makeDurable()).toBe(0);
  expect(await client.get("plan")).toBe("stored");
  expect(await waits()).toBeGreaterThan(0);
  expect(warnings).toEqual([]);
});

test("a plan does not wait for one that has gone", async () => {
  const makeDurable = durabilityOf();
  const { client } = await attach();
  await client.replicaof("NO", "ONE");
  await until(async () => (await redis.info("replication")).includes("connected_slaves:0"));
  await makeDurable();
  expect(await waits()).toBe(0);
});

test("a replica that hangs is asked for a while, logged, and stops no campaign", async () => {
  const makeDurable = durabilityOf();
  const { replica } = await attach();
  process.kill(replica.pid, "SIGSTOP");
  try {
    await redis.set("plan", "stored");
    expect(await makeDurable()).toBe(0);
    expect(await waits()).toBeGreaterThan(10);
    expect(warnings).toEqual(["No replica has confirmed a plan: a failover now would lose it"]);
  } finally {
    process.kill(replica.pid, "SIGCONT");
  }
});

test("with an append-only file and no WAITAOF the first call comes two seconds later", async () => {
  expect(await durabilityOf(true)()).toBe(2_000);
});
