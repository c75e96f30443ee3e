import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { readUptimeMs } from "../../src/store/redis-server.ts";
import { openRedisCluster } from "../support/redis-cluster.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

test("a Redis' uptime begins anew with each start, whatever data it has", async () => {
  const first = await openRedisServer();
  const redis = new Redis(first.url, { maxRetriesPerRequest: null });
  redis.on("error", () => {}); // it is killed
  let second: typeof first | undefined;
  try {
    await until(async () => (await readUptimeMs(redis)) >= 3_000);
    expect((await readUptimeMs(redis)) % 1_000).toBe(0);
    await first.kill();
    second = await openRedisServer({ dir: first.dir, port: first.port });
    expect(await readUptimeMs(redis)).toBeLessThan(3_000);
  } finally {
    redis.disconnect();
    await second?.close();
    await first.close();
  }
});

test("a cluster's uptime is that of its youngest master", async () => {
  const cluster = await openRedisCluster();
  const redis = cluster.connect();
  try {
    await redis.get("ready");
    await until(async () => (await readUptimeMs(redis)) >= 3_000);
    const [youngest] = cluster.nodes;
    if (!youngest) throw new Error("no node");
    await youngest.kill();
    await youngest.restart();
    await cluster.whole();
    const before = await readUptimeMs(youngest.admin);
    const read = await readUptimeMs(redis);
    expect(read).toBeGreaterThanOrEqual(before);
    expect(read).toBeLessThanOrEqual(await readUptimeMs(youngest.admin));
    expect(before).toBeLessThan(await readUptimeMs(cluster.otherThan(youngest).admin));
  } finally {
    redis.disconnect();
    await cluster.close();
  }
});

test("a server that does not say its uptime may have been started just now", async () => {
  const info = async () => "# Server\r\nredis_version:7.0.15\r\n";
  expect(await readUptimeMs({ info } as never)).toBe(0);
});
