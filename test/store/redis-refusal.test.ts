import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger } from "../../src/log.ts";
import { openRedis, type RedisRole } from "../../src/store/redis.ts";
import { openRedisServer } from "../support/redis-server.ts";

let server: Awaited<ReturnType<typeof openRedisServer>>;
let admin: Redis;
const web = createServer((_, response) => response.end("Hello"));
beforeAll(async () => {
  server = await openRedisServer();
  admin = new Redis(server.url);
  await admin.call("ACL", "SETUSER", "limited", "on", ">known", "~*", "+@all", "-info");
  await admin.call("CONFIG", "SET", "requirepass", "known");
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
});
afterAll(async () => {
  await admin.quit();
  await server.close();
  web.close();
});

const as = (login: string) => server.url.replace("//", `//${login}@`);
const open = (urls: readonly string[], role: RedisRole) => openRedis(urls, role, createLogger("silent"));

test("a Redis with a password opens to who knows it", async () => {
  const { redis, close } = await open([as(":known")], "server");
  expect(await redis.ping()).toBe("PONG");
  await close();
});

test.each<RedisRole>(["worker", "server", "cli", "producer"])(
  "a wrong or missing login is no Redis that is away, and not waited for: %s",
  async (role) => {
    const since = Date.now();
    for (const [url, says] of [
      [as(":wrong"), "Redis refuses the user or password of REDIS_URL (WRONGPASS)"],
      [as("nobody:known"), "Redis refuses the user or password of REDIS_URL (WRONGPASS)"],
      [server.url, "Redis asks for a password, and REDIS_URL has none (NOAUTH)"],
    ] as const)
      await expect(open([url], role)).rejects.toMatchObject({ code: "BAD_REDIS", message: says });
    expect(Date.now() - since).toBeLessThan(5_000);
  },
);

test("a user who may not do what is needed is told so", async () => {
  await expect(open([as("limited:known")], "cli")).rejects.toMatchObject({
    code: "BAD_REDIS",
    message: expect.stringMatching(
      /^Redis does not let the user of REDIS_URL do what is needed: NOPERM .*info/,
    ),
  });
});

test("the nodes of a cluster that refuse the login are told of, too", async () => {
  await expect(open([as(":wrong"), server.url], "cli")).rejects.toMatchObject({
    code: "BAD_REDIS",
    message: expect.stringContaining("WRONGPASS"),
  });
});

test.each<RedisRole>(["worker", "cli"])("what speaks HTTP is no Redis: %s", async (role) => {
  const { port } = web.address() as AddressInfo;
  await expect(open([`redis://127.0.0.1:${port}`], role)).rejects.toMatchObject({
    code: "BAD_REDIS",
    message: "what answers at REDIS_URL is no Redis",
  });
});
