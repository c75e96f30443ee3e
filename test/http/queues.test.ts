import { type ConnectionOptions, Queue } from "bullmq";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createQueueBoard } from "../../src/console/queue-board.ts";
import { randomPrefix } from "../support/prefix.ts";
import { openDoor } from "./door.ts";
import { openid } from "./ledger.ts";

const people = Array.from({ length: 1_000 }, (_, index) => openid(`p${index}`));

const { hostname: host, port } = new URL(inject("redisUrl"));
const connection: ConnectionOptions = { host, port: Number(port) };
const prefix = `{${randomPrefix()}}`;
const queues = ["campaigns", "batches"].map((name) => new Queue(name, { connection, prefix }));
const [campaigns, batches] = queues as [Queue, Queue];

let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  const audience = { type: "openids", openids: people };
  await campaigns.add("campaign", { account: "acme", audience }, { jobId: "spring", delay: 3_600_000 });
  await campaigns.add("campaign", { account: "acme", audience }, { jobId: "summer" });
  door = await openDoor({
    pages: { "/queues": createQueueBoard({ queues, path: "/queues", basePath: "" }) },
  });
});
afterAll(async () => {
  await door.close();
  await Promise.all(queues.map((queue) => queue.close()));
});

/** Everything that a write could change. */
async function everything() {
  const jobs = await campaigns.getJobs(["waiting", "delayed", "failed", "completed"]);
  const counts = await Promise.all(queues.map((queue) => queue.getJobCounts()));
  const isPaused = await Promise.all(queues.map((queue) => queue.isPaused()));
  return JSON.parse(JSON.stringify({ counts, isPaused, jobs }));
}

describe("the page", () => {
  test("is served at /queues and for its own addresses, and /queues/ leads to it", async () => {
    for (const path of ["/queues", "/queues/queue/campaigns", "/queues/queue/campaigns/spring"]) {
      const { status, headers, text } = await door.ask(path);
      expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=UTF-8"]);
      expect(text).toContain('<base href="/queues/" />');
    }
    const { status, headers } = await door.ask("/queues/?status=failed");
    expect([status, headers.location]).toEqual([308, "/queues?status=failed"]);
  });

  test("and what it shows are kept by no browser, its files are", async () => {
    const keptOf = async (path: string) => (await door.ask(path)).headers["cache-control"];
    expect(await keptOf("/queues")).toBe("no-store");
    expect(await keptOf("/queues/api/queues")).toBe("no-store");
    const [file = ""] = /static\/js\/[^"]+/.exec((await door.ask("/queues")).text) ?? [];
    expect(await keptOf(`/queues/${file}`)).not.toBe("no-store");
  });

  test("finds all its scripts and styles here", async () => {
    const { text } = await door.ask("/queues");
    const own = [...text.matchAll(/(?:src|href)="(static[^"]+)"/g)].map(([, path]) => path);
    expect(own.length).toBeGreaterThan(4);
    for (const path of own) expect([path, (await door.ask(`/queues/${path}`)).status]).toEqual([path, 200]);
  });

  test("names no other host, neither in itself nor in its policy", async () => {
    const { headers, text } = await door.ask("/queues");
    expect(text).not.toMatch(/(?:href|src)="(?:https?:)?\/\//);
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("style-src 'self' 'unsafe-inline';");
    expect(policy).not.toMatch(/https?:|\*/);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY" });
  });

  test("says what it is for, in the browser's language", async () => {
    const inChinese = await door.ask("/queues", { headers: { "accept-language": "zh-CN" } });
    expect(inChinese.text).toContain("删除作业并不会取消群发");
    expect((await door.ask("/queues")).text).toContain("deleting a job cancels nothing");
  });

  test("leads from each job of a campaign to it", async () => {
    await batches.add(
      "batch",
      { account: "acme", campaign: "spring sale", number: 1 },
      { jobId: "spring~1" },
    );
    const jobs = async (queue: string) => {
      const { json } = await door.ask(`/queues/api/queues?activeQueue=${queue}&status=latest`);
      const { queues } = json() as { queues: { name: string; jobs: { externalUrl?: { href: string } }[] }[] };
      return queues.find(({ name }) => name === queue)?.jobs.map(({ externalUrl }) => externalUrl?.href);
    };
    expect((await jobs("campaigns"))?.sort()).toEqual(["/campaigns/spring", "/campaigns/summer"]);
    expect(await jobs("batches")).toEqual(["/campaigns/spring%20sale"]);
  });

  test("hands out no file but its own", async () => {
    for (const path of [
      "/queues/static/../index.ejs",
      "/queues/static/%2e%2e/index.ejs",
      "/queues/static/..%2findex.ejs",
    ])
      expect([path, (await door.ask(path)).status]).toEqual([path, 404]);
  });
});

describe("what it reads", () => {
  test.each([
    "/queues/api/queues?activeQueue=campaigns&status=latest",
    "/queues/api/queues/campaigns/summer",
  ])("%s shows a campaign with the number of its people, never who they are", async (path) => {
    const { status, text } = await door.ask(path);
    expect(status).toBe(200);
    expect(text).toContain('"audience":{"type":"openids","count":1000}');
    expect(text).not.toContain(openid("p"));
    expect(text).not.toContain(people[7]);
    expect(text.length).toBeLessThan(20_000);
  });

  test("marks every queue as read-only", async () => {
    const { queues } = (await door.ask("/queues/api/queues")).json() as { queues: object[] };
    expect(queues).toMatchObject([
      { name: "campaigns", readOnlyMode: true, allowRetries: false },
      { name: "batches", readOnlyMode: true, allowRetries: false },
    ]);
  });
});

describe("what would change something", () => {
  const queue = "/queues/api/queues/campaigns";
  test.each([
    ["PUT", "/queues/api/queues/pause"],
    ["PUT", "/queues/api/queues/resume"],
    ["POST", `${queue}/add`],
    ["PUT", `${queue}/retry/failed`],
    ["PUT", `${queue}/promote`],
    ["PUT", `${queue}/clean/wait`],
    ["PUT", `${queue}/clean/delayed`],
    ["PUT", `${queue}/pause`],
    ["PUT", `${queue}/resume`],
    ["PUT", `${queue}/concurrency`],
    ["PUT", `${queue}/rate-limit`],
    ["PUT", `${queue}/empty`],
    ["PUT", `${queue}/obliterate`],
    ["PUT", `${queue}/spring/retry`],
    ["PUT", `${queue}/spring/clean`],
    ["PUT", `${queue}/spring/promote`],
    ["PATCH", `${queue}/spring/update-data`],
    ["PATCH", `${queue}/spring/delay`],
    ["PATCH", `${queue}/spring/priority`],
    ["DELETE", `${queue}/spring`],
  ])("%s %s is refused and changes nothing", async (method, path) => {
    const before = await everything();
    const body = JSON.stringify({
      name: "campaign",
      data: {},
      jobData: {},
      options: {},
      concurrency: 1,
      delay: 1,
    });
    const headers = { "content-type": "application/json" };
    const { status, headers: answered } = await door.ask(path, { method, headers, body });
    expect([status, answered.allow]).toEqual([405, "GET, HEAD"]);
    expect(await everything()).toEqual(before);
  });
});
