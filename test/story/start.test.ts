import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, describe, expect, test } from "vitest";
import { findFreePort } from "../../scripts/redis-server.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { startProcess } from "./process.ts";

const folder = mkdtempSync(join(tmpdir(), "qunfa-start-"));
const accounts = join(folder, "accounts.json");
const account = {
  id: "acme",
  appid: "wx0123456789abcdef",
  secret: "sEcReT",
  kind: "service",
  token: "tOkEn",
};
writeFileSync(accounts, JSON.stringify({ accounts: [account] }));
afterAll(() => rmSync(folder, { recursive: true }));

const mains = ["dist/src/main.js", "dist/workers/main.js"];

/** A port that takes connections and then does with them what `serve` does. */
async function listen(serve: (client: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client.on("error", () => {}));
    serve(client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { url: `redis://127.0.0.1:${port}`, close };
}

describe.each(mains)("node %s", (main) => {
  test("refuses a Redis that may evict keys, with one message", async () => {
    const redis = await openRedisServer({ args: ["--maxmemory-policy", "allkeys-lru"] });
    try {
      const started = startProcess(main, { REDIS_URL: redis.url, QUNFA_ACCOUNTS: accounts, PORT: "0" });
      expect(await started.exited).toEqual({ code: 78, signal: null });
      expect(started.stderr().trim().split("\n")).toHaveLength(1);
      expect(started.stderr()).toMatch(/maxmemory-policy.*noeviction.*allkeys-lru/);
    } finally {
      await redis.close();
    }
  });

  test("refuses a database that Redis does not have, and does not go on with another", async () => {
    const redis = await openRedisServer();
    try {
      const env = { REDIS_URL: `${redis.url}/99`, QUNFA_ACCOUNTS: accounts, PORT: "0" };
      const started = startProcess(main, env);
      expect(await started.exited).toEqual({ code: 78, signal: null });
      expect(started.stderr()).toMatch(/^BAD_REDIS: REDIS_URL names a database .*out of range\n$/);
    } finally {
      await redis.close();
    }
  });

  test("says in one line that Redis does not answer, with the exit code of the failure table", async () => {
    const env = { REDIS_URL: "redis://127.0.0.1:1", QUNFA_ACCOUNTS: accounts, PORT: "0" };
    const started = startProcess(main, env);
    expect(await started.exited).toEqual({ code: 69, signal: null });
    expect(started.stderr().trim().split("\n")).toHaveLength(1);
    expect(started.stderr()).toMatch(/^REDIS_AWAY: .*ECONNREFUSED/);
  });

  test("waits 10 s for a Redis that starts later than itself", async () => {
    const port = await findFreePort();
    const env = { REDIS_URL: `redis://127.0.0.1:${port}`, QUNFA_ACCOUNTS: accounts, PORT: "0" };
    const started = startProcess(main, env);
    await started.says("Redis connection failed", 60_000);
    const since = Date.now();
    await until(() => Date.now() - since > 8_000);
    const redis = await openRedisServer({ port });
    await started.says(main.includes("workers") ? "The worker is ready" : "The server is ready");
    await started.stop();
    await redis.close();
  });

  test("SIGTERM while Redis refuses: it does not wait for it, and ends in order", async () => {
    const env = { REDIS_URL: "redis://127.0.0.1:1", QUNFA_ACCOUNTS: accounts, PORT: "0" };
    const started = startProcess(main, env);
    await started.says("Redis connection failed", 60_000);
    started.kill("SIGTERM");
    expect(await started.exited).toEqual({ code: 0, signal: null });
  });

  test.each([
    ["once: it does not wait for it, and ends in order", 1, 0],
    ["again: it ends at once", 2, 1],
  ])("SIGTERM while Redis says nothing, %s", async (_, times, code) => {
    let asked = 0;
    const silent = await listen(() => {
      asked += 1;
    });
    const started = startProcess(main, { REDIS_URL: silent.url, QUNFA_ACCOUNTS: accounts, PORT: "0" });
    await until(() => asked > 0, { timeoutMs: 60_000 });
    started.kill("SIGTERM");
    // One that comes before the other was heard counts as the same.
    const again = times === 2 ? setInterval(() => started.kill("SIGTERM"), 50) : undefined;
    expect(await started.exited).toEqual({ code, signal: null });
    clearInterval(again);
    await silent.close();
  });

  test("SIGTERM in the midst of its start: it ends in order and leaves no connection and no worker", async () => {
    const redis = await openRedisServer();
    const client = new Redis(redis.url);
    const list = async () =>
      String(await client.client("LIST"))
        .trim()
        .split("\n");
    let started: ReturnType<typeof startProcess> | undefined;
    let asked = 0;
    const tells = await listen((socket) => {
      // A worker has several connections, and told twice it would end at once.
      if (asked === 0) started?.kill("SIGTERM");
      asked += 1;
      socket.pipe(connect(redis.port, "127.0.0.1").on("error", () => {})).pipe(socket);
    });
    started = startProcess(main, { REDIS_URL: tells.url, QUNFA_ACCOUNTS: accounts, PORT: "0" });
    expect(await started.exited).toEqual({ code: 0, signal: null });
    expect(started.stderr()).toBe("");
    await tells.close();
    await until(async () => (await list()).length === 1, { describe: list });
    await client.quit();
    await redis.close();
  });

  test("refuses wrong variables with one message that names each of them and shows no value", async () => {
    const started = startProcess(main, {
      REDIS_URL: "http://pass-word@127.0.0.1",
      QUNFA_ACCOUNTS: join(folder, "nowhere.json"),
      QUNFA_LOCK_MS: "999",
      QUNFA_RESEND_WAIT_MS: "99",
      QUNFA_POLL_MS: "200,soon",
      QUNFA_RESEND_WINDOW_MS: "90000000",
      QUNFA_LOG_LEVEL: "loud",
      QUNFA_API_KEYS: "no-colon-secret",
      PORT: "70000",
    });
    expect(await started.exited).toEqual({ code: 78, signal: null });
    const names = ["REDIS_URL", "QUNFA_ACCOUNTS", "QUNFA_LOCK_MS", "QUNFA_RESEND_WAIT_MS", "QUNFA_POLL_MS"];
    for (const name of [...names, "QUNFA_RESEND_WINDOW_MS", "QUNFA_LOG_LEVEL", "QUNFA_API_KEYS", "PORT"])
      expect(started.stderr().match(new RegExp(`^ {2}${name}: `, "gm")), name).toHaveLength(1);
    expect(started.stderr()).not.toMatch(/pass-word|no-colon-secret|\n {4}at /);
  });

  test("refuses an accounts file with wrong fields, each with its place, and no secret shown", async () => {
    const wrong = join(folder, "wrong.json");
    const twice = { ...account, kind: "shop", encodingAESKey: "sEcReT-too-short", color: "red" };
    writeFileSync(wrong, JSON.stringify({ accounts: [account, twice] }));
    const started = startProcess(main, { REDIS_URL: "redis://127.0.0.1:1", QUNFA_ACCOUNTS: wrong });
    expect(await started.exited).toEqual({ code: 78, signal: null });
    for (const place of ["accounts[1].kind", "accounts[1].encodingAESKey", "color"])
      expect(started.stderr()).toContain(place);
    expect(started.stderr()).not.toMatch(/sEcReT|tOkEn/);
  });
});

test("a server that others can reach starts with keys only", async () => {
  const started = startProcess("dist/src/main.js", {
    REDIS_URL: "redis://127.0.0.1:1",
    QUNFA_ACCOUNTS: accounts,
    HOST: "0.0.0.0",
  });
  expect(await started.exited).toEqual({ code: 78, signal: null });
  expect(started.stderr()).toContain("QUNFA_API_KEYS");
});

test("a worker whose Redis goes away amid its start ends with REDIS_AWAY, to be started again", async () => {
  const redis = await openRedisServer();
  let taken = 0;
  // The first connection stands; those that its queues open then are hung up on.
  const leaves = await listen((socket) => {
    taken += 1;
    if (taken > 1) socket.destroy();
    else socket.pipe(connect(redis.port, "127.0.0.1").on("error", () => {})).pipe(socket);
  });
  const env = { REDIS_URL: leaves.url, QUNFA_ACCOUNTS: accounts };
  const started = startProcess("dist/workers/main.js", env);
  expect(await started.exited).toEqual({ code: 69, signal: null });
  expect(started.stderr()).toMatch(/^REDIS_AWAY: /);
  expect(taken).toBeGreaterThan(1);
  await leaves.close();
  await redis.close();
});
