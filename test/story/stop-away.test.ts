import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Report, type Rig } from "./rig.ts";

const patience = { timeoutMs: 60_000 };
let rig: Rig;
let again: Awaited<ReturnType<typeof openRedisServer>> | undefined;
afterEach(async () => {
  rig.expectClean();
  await rig.close();
  await again?.close();
  again = undefined;
});

/** The test's own connections meet the outage too. */
async function killRedis(): Promise<void> {
  await rig.events.close();
  rig.client.on("error", () => {});
  for (const queue of Object.values(rig.queues)) queue.on("error", () => {});
  await rig.redis.kill();
}

test("worker and server that are told to stop while Redis is away are gone within 25 s, and nothing is lost", async () => {
  rig = await openRig({ accounts: { acme: {} }, appendOnly: true });
  const desk = rig.desk("acme");
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  desk.script.push({ until: held, result: { when: "never" } });
  const [worker] = rig.workers();
  const { process: server } = await rig.startServer();
  if (!worker) throw new Error("no worker");
  await rig.add("away", "acme", people(300));
  await until(() => desk.calls.length === 1, patience);
  await killRedis();
  letGo();
  await until(() => desk.inFlight === 0, patience);

  const asked = Date.now();
  for (const process of [worker, server]) process.kill("SIGTERM");
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(Date.now() - asked).toBeLessThan(25_000);

  again = await openRedisServer({ dir: rig.redis.dir, port: rig.redis.port });
  await rig.startServer();
  await rig.startWorker();
  await until(() => desk.calls.length === 2, patience);
  for (const sent of desk.books.sends)
    await until(async () => (await desk.push(sent)).status === 200, patience);
  const { report } = await rig.shown("away", (shown) => shown.report !== null, 60_000);
  expectOnce(desk, "away", people(300));
  expectTrue(desk, "away", report as Report);
  expect(report).toMatchObject({ state: "completed", sendCalls: 2 });
});

test("a server that is told to stop ends what it was asked, cuts who only listens, and is gone", async () => {
  rig = await openRig({ accounts: { acme: {} }, workers: 0 });
  const { process: server, url } = await rig.startServer();
  const { port } = new URL(url);
  const open = () =>
    connect(Number(port), "127.0.0.1")
      .setEncoding("utf8")
      .on("error", () => {});
  const [asks, idles] = [open(), open()];
  let answer = "";
  asks.on("data", (text) => {
    answer += text;
  });
  const idle = new Promise<void>((resolve) => idles.once("close", () => resolve()));
  const body = JSON.stringify({ audience: { type: "all" } });
  const head = "POST /v1/accounts/acme/external-sends HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  asks.write(`${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`);
  asks.write(body.slice(0, 5));
  // The request has begun once a later one on the idle connection is answered.
  const heard = new Promise<void>((resolve) => idles.once("data", () => resolve()));
  idles.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  await heard;

  server.kill("SIGTERM");
  await idle;
  expect(server.hasEnded()).toBe(false);
  asks.write(body.slice(5));
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(answer).toMatch(/^HTTP\/1.1 201 /);
  asks.destroy();
});
