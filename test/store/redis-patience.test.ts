import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogger } from "../../src/log.ts";
import { openQueues } from "../../src/queues/queues.ts";
import { openRedis, type RedisRole } from "../../src/store/redis.ts";
import { isRedisAway } from "../../src/store/redis-away.ts";
import { randomPrefix } from "../support/prefix.ts";
import { openRedisServer } from "../support/redis-server.ts";

let server: Awaited<ReturnType<typeof openRedisServer>>;
const opened: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  server = await openRedisServer({ args: ["--appendonly", "no"] });
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await server.close();
});

/** A connection of a single Redis, as a process of this role has it. */
async function open(role: RedisRole): Promise<Redis> {
  const { redis, close } = await openRedis([server.url], role, createLogger("silent"));
  opened.push(close);
  if (!(redis instanceof Redis)) throw new Error("a cluster");
  return redis;
}

async function pause(ms: number): Promise<void> {
  const redis = new Redis(server.url);
  await redis.client("PAUSE", ms, "ALL");
  redis.disconnect();
}

test("a connection on which nothing is due, or Redis holds its answer back for 10 s as BullMQ asks, is left alone", async () => {
  const idle = await open("server");
  const blocking = (await open("worker")).duplicate();
  opened.push(() => blocking.quit());
  const all = [idle, blocking];
  const ids = await Promise.all(all.map((redis) => redis.client("ID")));
  expect(await blocking.bzpopmin(randomPrefix(), 10)).toBe(null);
  expect(await Promise.all(all.map((redis) => redis.client("ID")))).toEqual(ids);
});

test("a server's command fails within seconds when Redis does not answer, and its connection lives on", async () => {
  const redis = await open("server");
  const id = await redis.client("ID");
  await pause(4_000);
  const asked = Date.now();
  const error = await redis.get("nothing").catch((error: unknown) => error);
  expect(isRedisAway(error)).toBe(true);
  expect(Date.now() - asked).toBeLessThan(3_900);
  // Its answer comes when the pause is over.
  expect(await redis.client("ID")).toBe(id);
});

test("a worker's command waits until Redis answers", async () => {
  const redis = await open("worker");
  await pause(4_000);
  const asked = Date.now();
  expect(await redis.get("nothing")).toBe(null);
  expect(Date.now() - asked).toBeGreaterThan(3_000);
});

test("queues that Redis does not answer when they are opened say so", async () => {
  const options = { connection: await open("server"), prefix: randomPrefix() };
  await pause(4_000);
  const queues = openQueues(options);
  opened.push(queues.close);
  await expect(queues.ready()).rejects.toThrow("Command timed out");
  const again = openQueues(options);
  opened.push(again.close);
  await again.ready();
  // Those refuse for ever: whoever opened them must not go on.
  await expect(queues.countWorkers()).rejects.toThrow("Command timed out");
});
