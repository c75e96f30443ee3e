import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue, QueueEvents } from "bullmq";
import { afterAll, beforeAll, expect, test } from "vitest";
import { followerOpenid } from "../../src/sandbox/followers.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { ask } from "../http/door.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { type Running, startProcess } from "./process.ts";
import type { Report, Shown, ShownBatch } from "./rig.ts";

/** WeChat's own rules are the sandbox's here: it keeps drafts and media, and uses a draft up by its first success. */
const account = {
  ...{ id: "demo", appid: "wxdemo0000000000", secret: "secret-of-demo", kind: "service" as const },
  token: "token-of-demo",
};

const MB = 1_048_576;
const jpeg = (bytes: number) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(bytes)]);

let story: Awaited<ReturnType<typeof openStory>>;
beforeAll(async () => {
  story = await openStory();
});
afterAll(() => story.close());

/** The web that pictures come from: `/<kilobytes>-<anything>.jpg` is a picture of that size, no two the same. */
async function openWeb() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const [, kilobytes = "1"] = /^\/(\d+)-/.exec(request.url ?? "") ?? [];
    asked.push(request.url ?? "");
    const body = Buffer.concat([jpeg(Number(kilobytes) * 1024), Buffer.from(request.url ?? "")]);
    response.writeHead(200, { "content-type": "image/jpeg", "content-length": body.length });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, host: `127.0.0.1:${port}`, close: () => server.close() };
}

async function openStory() {
  const [redis, web] = await Promise.all([openRedisServer({ args: ["--appendonly", "no"] }), openWeb()]);
  const sandbox: Sandbox = await openSandbox({
    ...{ port: 0, accounts: [account], mediaMustExist: true, followers: 30_000 },
    ...{ latencyMs: [0, 0], callbackDelayMs: [300, 300] },
  });
  const folder = mkdtempSync(join(tmpdir(), "qunfa-content-"));
  const file = join(folder, "accounts.json");
  writeFileSync(file, JSON.stringify({ accounts: [{ ...account, apiBase: sandbox.url }] }));
  const env = {
    ...{ REDIS_URL: redis.url, QUNFA_ACCOUNTS: file, PORT: "0", QUNFA_ALLOW_PRIVATE_URLS: web.host },
    ...{ QUNFA_LOCK_MS: "1000", QUNFA_RECONCILE_MS: "1000", QUNFA_RESEND_WAIT_MS: "200" },
  };
  const running: Running[] = [];
  const start = async (main: string, sentence: string) => {
    const process = startProcess(main, env);
    running.push(process);
    return process.says(sentence);
  };
  const url = String((await start("dist/src/main.js", "The server is ready")).url);
  sandbox.callTo(url);
  await start("dist/workers/main.js", "The worker is ready");
  const connection = { host: "127.0.0.1", port: redis.port };
  const queue = new Queue("campaigns", { connection, prefix: "{qunfa}" });
  const events = new QueueEvents("campaigns", { connection, prefix: "{qunfa}" });
  await events.waitUntilReady();

  const get = async <Body>(path: string) => (await ask(url, path)).json() as Body;
  return {
    web,
    url,
    get,
    async send(id: string, message: object, openids: readonly string[], more: object = {}): Promise<Report> {
      const audience = { type: "openids", openids };
      const job = await queue.add("campaign", { account: "demo", message, audience, ...more }, { jobId: id });
      return (await job.waitUntilFinished(events, 60_000)) as Report;
    },
    /** A draft as its producer makes it, by WeChat's own calls. */
    async makeDraft(): Promise<string> {
      const call = async (path: string, body: string | FormData) =>
        (await (await fetch(`${sandbox.url}/cgi-bin/${path}`, { method: "POST", body })).json()) as Record<
          string,
          string
        >;
      const { appid, secret } = account;
      const asked = JSON.stringify({ grant_type: "client_credential", appid, secret });
      const { access_token: token } = await call("stable_token", asked);
      const form = new FormData();
      form.set("media", new Blob([jpeg(10_000)], { type: "image/jpeg" }), "cover.jpg");
      const { media_id: cover } = await call(`material/add_material?type=thumb&access_token=${token}`, form);
      const article = { title: "Ours", content: "<p>Text</p>", thumb_media_id: cover };
      const made = await call(`draft/add?access_token=${token}`, JSON.stringify({ articles: [article] }));
      return made.media_id ?? "";
    },
    /** How often WeChat was asked for what, by path. */
    async calls(): Promise<Record<string, number>> {
      const { requests } = (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as {
        requests: { path: string }[];
      };
      const counts: Record<string, number> = {};
      for (const { path } of requests) {
        const api = path.replace("/cgi-bin/", "");
        counts[api] = (counts[api] ?? 0) + 1;
      }
      return counts;
    },
    logs: () => running.map((process) => process.output()).join(""),
    async close() {
      await Promise.all(running.map((process) => process.stop()));
      await events.close();
      await queue.close();
      await sandbox.close();
      await redis.close();
      web.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const people = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => followerOpenid("demo", from + at));

const picture = (name: string) => `http://${story.web.host}/${name}.jpg`;

/** Three articles with five pictures, one of them as it is given. */
const articles = (fifth: string) => ({
  msgtype: "mpnews",
  articles: [
    {
      title: "One",
      content: `<p><img src="${picture("20-a")}">and <img src='${picture("30-b")}'></p>`,
      cover: { url: picture("40-c") },
    },
    {
      title: "Two",
      content: `<p>${"x".repeat(100)}<img data-src="${picture("20-a")}"></p>`,
      cover: { url: picture("40-c") },
    },
    {
      title: "Three",
      author: "Li Lei",
      content: `<p><img src="${fifth}"/></p>`,
      cover: { url: picture("40-d") },
    },
  ],
});

test("three articles with five pictures go to 25,000 people: each file is uploaded once, and every batch is the same article", async () => {
  const report = await story.send("articles", articles(picture("50-e")), people(0, 25_000));
  expect(report).toMatchObject({ state: "completed", batches: { planned: 3, succeeded: 3 } });
  const calls = await story.calls();
  expect(calls).toMatchObject({
    "media/uploadimg": 3,
    "material/add_material": 2,
    "draft/add": 1,
  });
  // What was used up by the first success goes on by its msg_data_id: once in vain at most.
  expect(calls["message/mass/send"]).toBeLessThanOrEqual(4);
  const { items } = await story.get<{ items: ShownBatch[] }>("/v1/campaigns/articles/batches");
  expect(items.map(({ state }) => state)).toEqual(["succeeded", "succeeded", "succeeded"]);
  expect(story.logs()).not.toContain(followerOpenid("demo", 0));
}, 90_000);

test("another campaign with the same files uploads nothing twice, and one of its own is a draft more", async () => {
  const before = await story.calls();
  const report = await story.send("again", articles(picture("50-e")), people(0, 20));
  expect(report.state).toBe("completed");
  const after = await story.calls();
  expect(after["media/uploadimg"]).toBe(before["media/uploadimg"]);
  expect(after["material/add_material"]).toBe(before["material/add_material"]);
  expect(after["draft/add"]).toBe((before["draft/add"] ?? 0) + 1);
});

test("a picture of 3 MB is refused with its address and size, and nothing is sent or uploaded", async () => {
  const before = await story.calls();
  const big = picture("3072-big");
  const report = await story.send("too-big", articles(big), people(0, 20));
  expect(report).toMatchObject({ state: "failed", reason: "CONTENT_REFUSED", sendCalls: 0 });
  const { error } = report as Report & { error: { code: string; message: string } };
  expect(error.code).toBe("CONTENT_REFUSED");
  expect(error.message).toContain(big);
  expect(error.message).toMatch(/3145\d{3}|3\.0 MB|3 MB/);
  expect(await story.calls()).toEqual(before);
  expect(await story.get<Shown>("/v1/campaigns/too-big")).toMatchObject({ state: "failed" });
});

test("a picture that was uploaded here is sent as an image", async () => {
  const headers = { "content-type": "image/jpeg" };
  const answer = await ask(story.url, "/v1/uploads", { method: "POST", body: jpeg(2 * MB), headers });
  const { uploadId } = answer.json() as { uploadId: string };
  const report = await story.send("image", { msgtype: "image", image: { uploadId } }, people(0, 20));
  expect(report.state).toBe("completed");
});

test("an address that is not public is refused before anything is asked of it", async () => {
  const asked = story.web.asked.length;
  const image = { url: "http://127.0.0.1:9/1.jpg" };
  const report = await story.send("private", { msgtype: "image", image }, people(0, 20));
  expect(report).toMatchObject({ state: "failed", reason: "CONTENT_REFUSED" });
  expect(story.web.asked.length).toBe(asked);
});

test("a draft that its producer made is used up by its first batch, and the others go by its msg_data_id", async () => {
  const draft = await story.makeDraft();
  const before = await story.calls();
  const message = { msgtype: "mpnews", mpnews: { media_id: draft } };
  const report = await story.send("draft", message, people(0, 25_000), { hold: "first-batch" });
  expect(report).toMatchObject({ state: "completed", batches: { planned: 3, succeeded: 3 }, sendCalls: 3 });
  expect((await story.calls())["draft/add"]).toBe(before["draft/add"]);
});
