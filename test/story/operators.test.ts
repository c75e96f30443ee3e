import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Queue } from "bullmq";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "../../scripts/project-root.mjs";
import { systemClock } from "../../src/clock.ts";
import { followerOpenid } from "../../src/sandbox/followers.ts";
import { openSandbox } from "../../src/sandbox/server.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { type Running, startProcess } from "./process.ts";

/** Two full batches and a little more. */
const PEOPLE = 10_004;

const folder = mkdtempSync(join(tmpdir(), "qunfa-operators-"));
/** A test takes an account of its own: what WeChat does to one stays with it. */
const ids = ["preview", "crash", "article", "clear", "command"];
const named = ids.map((id, place) => ({
  ...{ id, appid: `wx00000000000000${place}0`, secret: `secret-of-${id}`, kind: "service" as const },
  token: `token-of-${id}`,
}));

type Json = Record<string, unknown>;

let redis: Awaited<ReturnType<typeof openRedisServer>>;
let sandbox: Awaited<ReturnType<typeof openSandbox>>;
let queue: Queue;
let url: string;
let server: Running;
let env: Record<string, string>;
const running: Running[] = [];

beforeAll(async () => {
  redis = await openRedisServer({ args: ["--appendonly", "no"] });
  sandbox = await openSandbox({
    ...{ port: 0, clock: systemClock, accounts: named, followers: PEOPLE },
    ...{ latencyMs: [0, 5], callbackDelayMs: [20, 60] },
  });
  const file = join(folder, "accounts.json");
  const limits = { previewCallsPerDay: 5 };
  writeFileSync(
    file,
    JSON.stringify({ accounts: named.map((one) => ({ ...one, apiBase: sandbox.url, limits })) }),
  );
  env = {
    ...{ REDIS_URL: redis.url, QUNFA_ACCOUNTS: file, QUNFA_LOCK_MS: "1000" },
    ...{ QUNFA_SEND_TIMEOUT_MS: "1000", QUNFA_RECONCILE_MS: "60000" },
  };
  const started = await startServer();
  server = started.process;
  url = started.url;
  const worker = startProcess("dist/workers/main.js", env);
  running.push(worker);
  await worker.says("The worker is ready");
  queue = new Queue("campaigns", { connection: { host: "127.0.0.1", port: redis.port }, prefix: "{qunfa}" });
});
afterAll(async () => {
  await Promise.all(running.map((process) => process.stop()));
  await queue.close();
  await sandbox.close();
  await redis.close();
  rmSync(folder, { recursive: true });
});

/** Results go to the one that was started last. */
async function startServer() {
  const process = startProcess("dist/src/main.js", { ...env, PORT: "0" });
  running.push(process);
  const line = await process.says("The server is ready");
  sandbox.callTo(String(line.url));
  return { process, url: String(line.url) };
}

async function ask(method: string, path: string, body?: object, base = url) {
  const json = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await httpRequest(`${base}${path}`, { method, ...json });
  return { status: answer.status, body: JSON.parse(answer.text) as Json };
}

/** Runs `qunfa` as a shell would. */
async function qunfa(...args: string[]) {
  const child = spawn(process.execPath, [join(projectRoot, "dist/src/cli/main.js"), "-o", "json", ...args], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, answer: JSON.parse(stdout || stderr) as Json };
}

const stage = async (path: string, body?: object): Promise<Json> => {
  const init = body && { method: "POST", body: JSON.stringify(body) };
  return (await (await fetch(`${sandbox.url}/sandbox${path}`, init)).json()) as Json;
};
const arrived = async (account: string, api: string): Promise<number> => {
  const { totals } = (await stage(`/books/${account}`)) as { totals: { arrived: Record<string, number> } };
  return totals.arrived[api] ?? 0;
};

/** A call of an account's own, made elsewhere than by qunfa. */
async function wechat(account: string, api: string, body: object): Promise<Json> {
  const post = async (path: string, json: object) => {
    const init = { method: "POST", body: JSON.stringify(json) };
    return (await (await fetch(`${sandbox.url}/cgi-bin/${path}`, init)).json()) as Json;
  };
  const { appid, secret } = named.find(({ id }) => id === account) ?? {};
  const token = await post("stable_token", { grant_type: "client_credential", appid, secret });
  return post(`${api}?access_token=${String(token.access_token)}`, body);
}

/** A campaign as any producer adds it, once it looks so. */
async function add(account: string, count: number, message: object, state: string): Promise<void> {
  const openids = Array.from({ length: count }, (_, index) => followerOpenid(account, index));
  const data = { account, message, audience: { type: "openids", openids } };
  await queue.add("campaign", data, { jobId: `of-${account}` });
  await until(async () => (await ask("GET", `/v1/campaigns/of-${account}`)).body.state === state, {
    timeoutMs: 30_000,
    describe: () => `of-${account} is ${state}`,
  });
}

/** Kills the server while its n-th delete is at WeChat, which carries it out; answers the one started after it. */
async function killAmidDelete(account: string, nth: number, body: object): Promise<void> {
  await stage("/faults", { account, api: "mass/delete", fault: "delay", ms: 3_000, after: nth - 1 });
  const lost = ask("POST", `/v1/campaigns/of-${account}/recall`, body).catch(() => undefined);
  await until(async () => (await arrived(account, "mass/delete")) === nth);
  server.kill("SIGKILL");
  await Promise.all([server.exited, lost]);
  const started = await startServer();
  server = started.process;
  url = started.url;
}

/** Asks for a recall until nothing is left. */
async function recallAll(account: string, body: object): Promise<Json> {
  return until(
    async () => {
      const answer = await ask("POST", `/v1/campaigns/of-${account}/recall`, body);
      return answer.body.done === true && answer.body;
    },
    { timeoutMs: 30_000, describe: () => `of-${account} is recalled` },
  );
}

test("previews are counted over all processes, a command's too", async () => {
  const other = await startServer();
  const body = { account: "preview", message: { msgtype: "text", text: { content: "你好" } } };
  const seen = { ...body, openid: followerOpenid("preview", 1) };
  const answers = await Promise.all([
    ...[url, other.url, url, other.url, url, other.url].map(async (base) => {
      return (await ask("POST", "/v1/previews", seen, base)).status;
    }),
    ...[1, 2].map(async () => {
      return (await qunfa("preview", "--account", "preview", "--text", "x", "--wxname", "zhangsan")).code;
    }),
  ]);
  const shown = answers.filter((answer) => answer === 200 || answer === 0);
  expect(shown).toHaveLength(5);
  expect(answers.filter((answer) => answer === 429 || answer === 75)).toHaveLength(3);
  expect(await arrived("preview", "mass/preview")).toBe(5);
  await other.process.stop();
  sandbox.callTo(url);
});

describe("a recall of two batches whose server is killed", () => {
  const articles = { msgtype: "mpnews", mpnews: { media_id: "articles-of-a-campaign" } };

  test("amid the first delete makes no second one: WeChat is asked first", async () => {
    await add("crash", PEOPLE, articles, "completed");
    await killAmidDelete("crash", 1, {});
    expect(await recallAll("crash", {})).toMatchObject({
      messages: [{ recalledAt: expect.any(String) }, { recalledAt: expect.any(String) }],
      deletes: { needed: 0, left: 9 },
    });
    // The second message went with the first, being of the same material.
    expect(await arrived("crash", "mass/delete")).toBe(1);
    const { jobs } = (await stage("/books/crash")) as { jobs: { status: string }[] };
    expect(jobs.map(({ status }) => status)).toEqual(["DELETE", "DELETE"]);
  });

  test("between two deletes goes on with the second alone", async () => {
    const { media_id } = await wechat("article", "media/uploadnews", {
      articles: ["one", "two"].map((title) => ({ title, content: "<p>x</p>", thumb_media_id: "cover" })),
    });
    await add("article", PEOPLE, { msgtype: "mpnews", mpnews: { media_id } }, "completed");
    await killAmidDelete("article", 2, { articleIdx: 1 });
    const { body } = await ask("GET", "/v1/campaigns/of-article/recall?articleIdx=1");
    expect(body).toMatchObject({
      messages: [{ recalledAt: expect.any(String) }, { recalledAt: null, inDoubt: true }],
      deletes: { needed: 1, left: 8 },
    });
    await recallAll("article", { articleIdx: 1 });
    await recallAll("article", { articleIdx: 1 });
    // Of one article WeChat can't be asked whether it is gone: the call in doubt was made once more, no other.
    expect(await arrived("article", "mass/delete")).toBe(3);
  });
});

describe("a campaign that waits for calls of the day", () => {
  const message = { msgtype: "text", text: { content: "Hello" } };
  const completed = (account: string) =>
    until(async () => (await ask("GET", `/v1/campaigns/of-${account}`)).body.state === "completed", {
      timeoutMs: 20_000,
      describe: () => `of-${account} goes on`,
    });

  test("goes on at once when WeChat's counts are cleared over HTTP", async () => {
    await stage("/faults", { account: "clear", api: "mass/send", fault: "errcode", errcode: 45009 });
    await add("clear", 100, message, "waiting");
    expect(await ask("POST", "/v1/accounts/clear/quota/clear", { confirm: "clear" })).toMatchObject({
      status: 200,
      body: { quota: { send: { used: 0, stopped: null } } },
    });
    await completed("clear");
    expect(await ask("POST", "/v1/accounts/clear/quota/refresh")).toMatchObject({
      body: { quota: { send: { used: 1, external: 0 } } },
    });
  });

  test("and by a command, which sets the speed as well", async () => {
    await stage("/faults", { account: "command", api: "mass/send", fault: "errcode", errcode: 45009 });
    await add("command", 100, message, "waiting");
    const of = ["--account", "command"];
    expect(await qunfa("account", "quota", ...of, "--clear", "--yes")).toMatchObject({
      code: 0,
      answer: { cleared: true, quota: { send: { used: 0 } } },
    });
    await completed("command");
    expect(await qunfa("account", "speed", ...of, "--set", "2")).toMatchObject({ answer: { speed: 2 } });
    expect(await ask("GET", "/v1/accounts/command/speed")).toMatchObject({ body: { speed: 2 } });
    expect(await qunfa("campaign", "recall", "of-command", "--yes")).toMatchObject({
      code: 65,
      answer: { code: "ILLEGAL_MOVE" },
    });
  });
});

test("no process has logged a bug, an OpenID or a secret", () => {
  expect(running.length).toBeGreaterThan(3);
  for (const process of running) {
    expect(process.lines().filter(({ level = 0 }) => level >= 50)).toEqual([]);
    for (const word of [followerOpenid("preview", 1), ...named.map(({ secret }) => secret)])
      expect(process.output()).not.toContain(word);
  }
});
