import { Redis } from "ioredis";
import { describe, expect, inject, test } from "vitest";
import { createClientOf } from "../../src/http/client.ts";
import { createCountWrongKey } from "../../src/http/guesses.ts";
import { openServer } from "../../src/http/server.ts";
import { createWorkerApp } from "../../src/http/worker-app.ts";
import { createLogger } from "../../src/log.ts";
import { randomPrefix } from "../support/prefix.ts";
import { ask, openDoor } from "./door.ts";

const contentType = "text/plain; version=0.0.4; charset=utf-8";
const scrape = async () => ({ contentType, text: "# TYPE qunfa_workers gauge\nqunfa_workers 2\n" });
const keys = [
  { name: "prometheus", key: "read-key", scopes: ["read"] },
  { name: "crm", key: "send-key", scopes: ["send"] },
] as const;
const health = { ping: async () => 1, countWorkers: async () => 2 };

type Open = { host?: string; apiKeys?: typeof keys | []; ping?: () => Promise<unknown> };

async function openWorker({ host = "127.0.0.1", apiKeys = [], ping = health.ping }: Open = {}) {
  const redis = new Redis(inject("redisUrl"));
  await redis.ping();
  const countWrongKey = createCountWrongKey(redis, randomPrefix(), createClientOf([]));
  const app = createWorkerApp({
    ...{ apiKeys, host, countWrongKey, scrape, log: createLogger("silent") },
    health: { ...health, ping },
  });
  const server = await openServer({ app, host: "127.0.0.1", port: 0 });
  return {
    ...server,
    app,
    ask: (path: string, options = {}) => ask(server.url, path, options),
    async close() {
      await server.close();
      await redis.quit();
    },
  };
}
const openServersDoor = ({ apiKeys = [] }: Open = {}) => openDoor({ apiKeys, scrape });
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

describe.each([
  ["the server", openServersDoor],
  ["a worker", openWorker],
])("/metrics of %s", (_, open) => {
  test("is Prometheus' text, to this machine while there are no keys", async () => {
    const door = await open();
    const answer = await door.ask("/metrics");
    expect([answer.status, answer.headers["content-type"], answer.text]).toEqual([
      ...[200, contentType, (await scrape()).text],
    ]);
    expect(answer.headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const [head, post, proxied] = await Promise.all([
      door.ask("/metrics", { method: "HEAD" }),
      door.ask("/metrics", { method: "POST" }),
      door.ask("/metrics", { headers: { "x-forwarded-for": "203.0.113.9" } }),
    ]);
    expect([head.status, post.status, post.headers.allow, proxied.status]).toEqual([
      200,
      405,
      "GET, HEAD",
      403,
    ]);
    await door.close();
  });

  test("asks for a key of scope read once there are keys", async () => {
    const door = await open({ apiKeys: keys });
    const statuses = await Promise.all(
      [{}, bearer("wrong"), bearer("send-key"), bearer("read-key")].map((how) => door.ask("/metrics", how)),
    );
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 403, 200]);
    await door.close();
  });
});

describe("a worker's door", () => {
  test("says that it is alive, and whether Redis answers", async () => {
    const well = await openWorker();
    expect((await well.ask("/healthz")).json()).toEqual({ status: "ok", redis: "ok" });
    expect((await well.ask("/readyz")).json()).toEqual({ status: "ok", redis: "ok", workers: 2 });
    await well.close();

    const away = await openWorker({ ping: () => Promise.reject(new Error("Connection is closed.")) });
    const [alive, ready] = await Promise.all([away.ask("/healthz"), away.ask("/readyz")]);
    expect([alive.status, alive.json()]).toEqual([200, { status: "ok", redis: "away" }]);
    expect([ready.status, ready.json()]).toMatchObject([503, { redis: "away" }]);
    await away.close();
  });

  test("has nothing else, and shows nothing on other addresses without a key", async () => {
    const door = await openWorker({ host: "0.0.0.0" });
    const paths = ["/metrics", "/healthz", "/v1/campaigns"];
    const answers = await Promise.all(paths.map((path) => door.ask(path)));
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 404]);
    await door.close();
  });

  test("slows down who guesses a key, and answers the right one all the same", async () => {
    const door = await openWorker({ apiKeys: keys });
    const statuses: number[] = [];
    for (let guess = 0; guess < 25; guess++)
      statuses.push((await door.ask("/metrics", bearer(`guess-${guess}`))).status);
    expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
    expect((await door.ask("/metrics", bearer("read-key"))).status).toBe(200);
    await door.close();
  });

  test("that can't listen names the variable", async () => {
    const door = await openWorker();
    const taken = { host: "127.0.0.1", port: door.port, portFrom: "QUNFA_METRICS_PORT" };
    const again = openServer({ app: door.app, ...taken });
    await expect(again).rejects.toThrow(/HOST and QUNFA_METRICS_PORT/);
    await door.close();
  });
});

test("every answer of the server is told with its route's pattern, and no path of a stranger's becomes one", async () => {
  const told: object[] = [];
  const door = await openDoor({ onAnswer: ({ seconds: _, ...answer }) => told.push(answer) });
  await door.ask("/v1/campaigns/offer/recipients/oSecret_0000000000000000000");
  await door.ask("/oSecret_0000000000000000000/nowhere");
  await door.ask("/v1/campaigns/offer", { method: "PURGE" });
  await door.ask("/queues");
  expect(told).toEqual([
    { method: "GET", route: "/v1/campaigns/:id/recipients/:openid", status: 404 },
    { method: "GET", route: "/*", status: 404 },
    { method: "PURGE", route: "/v1/campaigns/:id", status: 405 },
    { method: "GET", route: "/queues", status: 200 },
  ]);
  await door.close();
});
