import { afterEach, expect, test } from "vitest";
import { openGate } from "../support/gate.ts";
import { httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import type { Running } from "./process.ts";
import { expectOnce, expectTrue, openRig, people, type Report, type Rig } from "./rig.ts";

const COUNT = 25_000;
/** WeChat waits for 5 s; one that pushes has an answer before that. */
const IN_TIME_MS = 4_500;

let rig: Rig;
let gate: Awaited<ReturnType<typeof openGate>> | undefined;
afterEach(async () => {
  process.kill(rig.redis.pid, "SIGCONT");
  rig.expectClean();
  expect(rig.logs()).not.toContain("request met a bug");
  await rig.close();
  await gate?.close();
  gate = undefined;
});

/** A campaign whose second call is under way until it is let go; the results of it and the third are the test's. */
async function startCampaign(id: string): Promise<() => void> {
  const desk = rig.desk("acme");
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  desk.script.push({}, { until: held, result: { when: "never" } }, { result: { when: "never" } });
  await rig.add(id, "acme", people(COUNT));
  await until(() => desk.calls.length === 2, { timeoutMs: 20_000 });
  await rig.shown(id, ({ progress }) => progress.percent > 0);
  return letGo;
}

/** The answer, and how long it took. */
async function timed<Answer>(ask: Promise<Answer>): Promise<Answer> {
  const asked = Date.now();
  const answer = await ask;
  expect(Date.now() - asked).toBeLessThan(IN_TIME_MS);
  return answer;
}

function sendOf(number: number) {
  const sent = rig.desk("acme").books.sends[number - 1];
  if (!sent) throw new Error(`no send ${number}`);
  return sent;
}

/** Whoever asks is told in time that Redis is away; the process itself is well. */
async function expectAway(url: string, id: string): Promise<void> {
  const problem = { status: 503, code: "REDIS_AWAY", type: "urn:qunfa:failure:REDIS_AWAY" };
  const ask = async (path: string, method = "GET") => {
    const { status, text } = await timed(httpRequest(`${url}${path}`, { method }));
    return { status, ...(JSON.parse(text) as object) };
  };
  const [seen, heard, paused, pushed] = await Promise.all([
    ask(`/v1/campaigns/${id}`),
    ask("/v1/events"),
    ask("/v1/accounts/acme/pause", "POST"),
    timed(rig.desk("acme").push(sendOf(2), {})),
  ]);
  expect(seen).toMatchObject(problem);
  expect(heard).toMatchObject(problem);
  expect(paused).toMatchObject(problem);
  expect(pushed.status).toBe(503);
  expect(JSON.parse(pushed.text)).toMatchObject({ code: "REDIS_AWAY" });
  expect((await timed(httpRequest(`${url}/healthz`))).status).toBe(200);
  expect((await timed(httpRequest(`${url}/readyz`))).status).toBe(503);
}

/** By itself; what was asked without an answer may have been done, so a pause is taken back. */
async function expectGoesOn(id: string, timeoutMs: number): Promise<void> {
  const desk = rig.desk("acme");
  const patience = { timeoutMs };
  await until(async () => (await desk.push(sendOf(2), {})).status === 200, patience);
  await until(async () => (await rig.moveAccount("resume", "acme")).status === 200, patience);
  await until(() => desk.books.sends.length === 3, patience);
  expect((await desk.push(sendOf(3), {})).status).toBe(200);
  const { report } = await rig.shown(id, (shown) => shown.report !== null, timeoutMs);
  expectOnce(desk, id, people(COUNT));
  expectTrue(desk, id, report as Report);
  expect(report).toMatchObject({ state: "completed", batches: { succeeded: 3 }, countsMissing: 0 });
}

const cut = (process: Running) =>
  process.lines().some(({ reason }) => typeof reason === "string" && reason.startsWith("Socket timeout"));

test("Redis answers nobody for some seconds: callers get 503 in time, and all goes on when it answers", async () => {
  rig = await openRig({ accounts: { acme: {} } });
  const letGo = await startCampaign("paused");
  await rig.client.client("PAUSE", 8_000, "ALL");
  letGo();
  await expectAway(rig.url, "paused");
  await expectGoesOn("paused", 30_000);
  expect(rig.workers().some(cut)).toBe(false);
});

test("Redis stands still until its connections are given up: all goes on by itself when it moves again", async () => {
  rig = await openRig({ accounts: { acme: {} } });
  const letGo = await startCampaign("still");
  process.kill(rig.redis.pid, "SIGSTOP");
  letGo();
  await expectAway(rig.url, "still");
  await until(() => rig.workers().every(cut), { timeoutMs: 30_000, describe: "the worker hung up" });
  await expectAway(rig.url, "still");
  process.kill(rig.redis.pid, "SIGCONT");
  await expectGoesOn("still", 30_000);
});

test("a server and a worker that are told to stop while Redis stands still are gone within 25 s", async () => {
  rig = await openRig({ accounts: { acme: {} } });
  const letGo = await startCampaign("left");
  const [worker] = rig.workers();
  const { process: server } = await rig.startServer();
  process.kill(rig.redis.pid, "SIGSTOP");
  letGo();
  const asked = Date.now();
  for (const process of [server, worker]) process?.kill("SIGTERM");
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(await worker?.exited).toEqual({ code: 0, signal: null });
  expect(Date.now() - asked).toBeLessThan(25_000);
  process.kill(rig.redis.pid, "SIGCONT");
  await rig.startServer();
  await rig.startWorker();
  await expectGoesOn("left", 30_000);
});

test("all connections to Redis go deaf and nobody is told: server and worker make new ones within 40 s", async () => {
  rig = await openRig({ accounts: { acme: {} }, workers: 0 });
  gate = await openGate(rig.redis.port);
  await rig.startWorker({ REDIS_URL: gate.url });
  const { url } = await rig.startServer({ REDIS_URL: gate.url });
  const letGo = await startCampaign("deaf");
  gate.deafen();
  letGo();
  const since = Date.now();
  const statusOf = async () => (await timed(httpRequest(`${url}/v1/campaigns/deaf`))).status;
  expect(await statusOf()).toBe(503);
  await until(async () => (await statusOf()) === 200, { timeoutMs: 40_000 });
  await expectGoesOn("deaf", 40_000 - (Date.now() - since));
});
