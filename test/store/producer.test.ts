import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { digestOf } from "../../src/campaign/digest.ts";
import type { ListId } from "../../src/campaign/list.ts";
import { type CampaignInput, createProducer, type ProducerOptions } from "../../src/producer/producer.ts";
import { newAttempt } from "../../src/store/attempt.ts";
import { createCampaigns } from "../../src/store/campaigns.ts";
import { createKeys } from "../../src/store/keys.ts";
import { createLists } from "../../src/store/lists.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { newCampaign } from "./rig.ts";

/** Its own: the names of a producer's keys and queue are fixed. */
let server: Awaited<ReturnType<typeof openRedisServer>>;
let redis: Redis;
let jobs: Queue;
beforeAll(async () => {
  server = await openRedisServer();
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
  jobs = new Queue("campaigns", { connection: redis, prefix: "{qunfa}" });
});
afterAll(async () => {
  await jobs.close();
  await redis.quit();
  await server.close();
});

let number = 0;
let id: string;
beforeEach(() => {
  id = `offer-${++number}`;
});

function openProducer(options: Partial<ProducerOptions> = {}) {
  const where = "connection" in options ? {} : { redisUrl: server.url };
  const producer = createProducer({ ...where, ...options } as ProducerOptions);
  onTestFinished(() => producer.close());
  return producer;
}

const campaign: CampaignInput = {
  account: "acme",
  message: { msgtype: "text", text: { content: "您好" } },
  audience: { type: "openids", openids: ["oA", "oB"] },
};

const keys = createKeys();
const ledger = () => createCampaigns(redis, keys);
const lists = () => createLists(redis, keys);
const listed = async (list: string) => {
  const stored = await lists().find(list as ListId);
  if (!stored) throw new Error("there is no such list");
  const chunks: Buffer[] = [];
  for await (const chunk of lists().read(stored)) chunks.push(chunk);
  return { stored, people: chunks.flatMap((chunk) => chunk.toString().split("\n")) };
};

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => `oPackage_${String(index).padStart(19, "0")}`);

/** As a worker ends a campaign: the record first, then the job. */
async function take(options: { state: "completed" | "failed"; value: string }) {
  const job = await jobs.getJob(id);
  const field = options.state === "completed" ? "returnvalue" : "failedReason";
  await redis.hset(`{qunfa}:campaigns:${job?.id}`, { [field]: options.value, finishedOn: Date.now() });
}

const report = {
  ...{ campaignId: "", account: "acme", state: "completed", reason: null },
  audience: { received: 2, invalid: 0, duplicate: 0, excluded: 0, capped: 0, admitted: 2 },
  batches: { planned: 1, succeeded: 1, failed: 0, needsReview: 0, canceled: 0 },
  recipients: { submitted: 2, total: 2, filtered: 2, sent: 2, failed: 0 },
  ...{ countsMissing: 0, sendCalls: 1, createdAt: "2026-12-01T01:00:00.000Z" },
  closedAt: "2026-12-01T01:01:00.000Z",
};

test("a campaign becomes the job of CONTRACT section 4, its id the campaign's; again it changes nothing", async () => {
  const producer = openProducer();
  expect(await producer.send(campaign, { id })).toEqual({ id });
  const job = await jobs.getJob(id);
  expect({ name: job?.name, data: job?.data }).toEqual({ name: "campaign", data: campaign });
  expect(await producer.send({ ...campaign }, { id })).toEqual({ id });
  expect((await jobs.getJob(id))?.timestamp).toBe(job?.timestamp);
  const { id: made } = await producer.send(campaign);
  expect(made).toMatch(/^[0-9a-f-]{36}$/);
});

test("a campaign that does not fit is refused before it is enqueued, each wrong field named", async () => {
  const producer = openProducer();
  const wrong = {
    ...campaign,
    overCap: "perhaps",
    schedule: { window: { from: "9", to: "10:00" } },
  } as never;
  await expect(producer.send(wrong, { id })).rejects.toMatchObject({
    code: "BAD_CAMPAIGN",
    message: expect.stringMatching(/schedule\.window\.from: .*overCap: /),
  });
  for (const bad of ["..", "12", "a b", "wait"])
    await expect(producer.send(campaign, { id: bad })).rejects.toMatchObject({ code: "INVALID_PARAMETER" });
  expect(await jobs.getJob(id)).toBeUndefined();
});

test("accounts are checked where they are given, and left to the worker where they are not", async () => {
  await openProducer().send({ ...campaign, account: "unknown" }, { id });
  const producer = openProducer({ accounts: [{ id: "acme", kind: "subscription" }] });
  const refused = { code: "BAD_CAMPAIGN", message: expect.stringMatching(/subscription/) };
  await expect(producer.send(campaign)).rejects.toMatchObject(refused);
  await expect(producer.send({ ...campaign, account: "other" })).rejects.toMatchObject({
    code: "BAD_CAMPAIGN",
  });
});

test("an id that stands for another campaign is refused, enqueued, taken in or ended", async () => {
  const producer = openProducer();
  const other = { ...campaign, name: "another" };
  await producer.send(campaign, { id });
  await expect(producer.send(other, { id })).rejects.toMatchObject({ code: "ID_REUSED" });

  const record = newCampaign(id, Date.now(), { digest: digestOf(campaign) });
  await ledger().claim(record.id, "acme", record.createdAt);
  await ledger().create(record, newAttempt(record), []);
  await (await jobs.getJob(id))?.updateData({ account: "acme", stored: true });
  expect(await producer.send(campaign, { id })).toEqual({ id });
  await expect(producer.send(other, { id })).rejects.toMatchObject({ code: "ID_REUSED" });
  await jobs.remove(id);
  await expect(producer.send(other, { id })).rejects.toMatchObject({ code: "ID_REUSED" });
  expect(await jobs.getJob(id)).toBeUndefined();
});

test("an id whose campaign was refused says so again", async () => {
  const producer = openProducer();
  await producer.send({ ...campaign, account: "unknown" }, { id });
  await take({ state: "failed", value: "BAD_CAMPAIGN: account: expected an account of the accounts file" });
  const refused = { code: "BAD_CAMPAIGN", message: "account: expected an account of the accounts file" };
  await expect(producer.send(campaign, { id })).rejects.toMatchObject(refused);
  await expect(producer.waitForReport(id)).rejects.toMatchObject(refused);
});

test.each<[string, () => Parameters<ReturnType<typeof createProducer>["uploadAudience"]>]>([
  ["an array", () => [people(25_000)]],
  [
    "an async iterable",
    () => [
      (async function* () {
        yield* people(25_000);
      })(),
    ],
  ],
  ["a stream of bytes", () => [Readable.from([Buffer.from(people(25_000).join("\n"))])]],
  [
    "CSV",
    () => [Readable.from([Buffer.from(`openid,a\n${people(25_000).join(",x\n")},x`)]), { format: "csv" }],
  ],
])("a list is stored from %s", async (_, given) => {
  const list = await openProducer().uploadAudience(...given());
  const { stored, people: found } = await listed(list);
  expect(stored).toMatchObject({ received: 25_000, invalid: 0, state: "ready" });
  expect(found).toEqual(people(25_000));
});

test("a list is taken no faster than it is stored, and one that breaks off leaves nothing", async () => {
  let asked = 0;
  let open = 0;
  async function* slow() {
    for (const openid of people(120_000)) {
      asked++;
      yield openid;
    }
  }
  const before = await redis.keys("{qunfa:list:*");
  async function* broken() {
    yield* people(30_000);
    open = (await redis.keys("{qunfa:list:*")).length - before.length;
    throw new Error("the source broke");
  }
  await expect(openProducer().uploadAudience(broken(), { name: "x" })).rejects.toThrow("the source broke");
  expect(open).toBe(1);
  expect((await redis.keys("{qunfa:list:*")).sort()).toEqual(before.sort());

  // Redis takes nothing in for now: no more than the chunk at hand is asked for.
  await redis.client("PAUSE", 60_000, "WRITE");
  const storing = openProducer().uploadAudience(slow());
  await until(() => asked >= 10_000);
  for (let round = 0; round < 50; round++) await redis.ping();
  expect(asked).toBeLessThan(20_000);
  await redis.client("UNPAUSE");
  expect((await listed(await storing)).stored.received).toBe(120_000);
});

test("what is no list is refused", async () => {
  const producer = openProducer();
  const refused = expect.objectContaining({ code: "INVALID_PARAMETER" });
  const streams = [Readable.from(["oA\n", "oB\noC"]), Readable.from([Buffer.from("oA\n"), 1])];
  const none = [null, undefined, 7, {}, () => ["oA"], [1, 2], ["oA", null], [["oA"]], new Uint16Array([1])];
  for (const source of ["openids.txt", Buffer.from("oA"), [], ["oA\noB"], ...streams, ...none])
    await expect(producer.uploadAudience(source as never)).rejects.toEqual(refused);
  await expect(producer.uploadAudience(["oA"], { name: "x".repeat(201) })).rejects.toEqual(refused);
  await expect(producer.uploadAudience(["oA"], { format: "xlsx" as never })).rejects.toEqual(refused);
});

test("a report is waited for: the ledger's own, or else what the job returned", async () => {
  const producer = openProducer();
  await expect(producer.waitForReport(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await producer.send(campaign, { id });
  let ended = false;
  const waiting = producer.waitForReport(id).finally(() => {
    ended = true;
  });
  await until(() => !ended);
  await take({ state: "completed", value: JSON.stringify({ ...report, campaignId: id }) });
  expect(await waiting).toEqual({ ...report, campaignId: id });

  const corrected = { ...report, campaignId: id, sendCalls: 9 };
  const record = newCampaign(id, Date.now(), { digest: digestOf(campaign) });
  await ledger().claim(record.id, "acme", record.createdAt);
  await ledger().create(record, newAttempt(record), []);
  await redis.hset(keys.campaign("acme", record.id), {
    report: JSON.stringify(corrected),
    state: "completed",
  });
  expect(await producer.waitForReport(id)).toEqual(corrected);
  await jobs.remove(id);
  expect(await producer.waitForReport(id)).toEqual(corrected);
});

test("waiting ends with its time or its signal, and is no longer possible once closed", async () => {
  const producer = openProducer();
  await producer.send(campaign, { id });
  for (const timeoutMs of [-1, Number.NaN])
    await expect(producer.waitForReport(id, { timeoutMs })).rejects.toMatchObject({
      code: "INVALID_PARAMETER",
    });
  const stop = new AbortController();
  // Longer than any timer of Node: it is not to end at once.
  const waiting = producer.waitForReport(id, { timeoutMs: 90 * 86_400_000, signal: stop.signal });
  await expect(producer.waitForReport(id, { timeoutMs: 150 })).rejects.toMatchObject({
    name: "TimeoutError",
  });
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  const still = producer.waitForReport(id);
  await producer.close();
  await expect(still).rejects.toMatchObject({ code: "BAD_REQUEST" });
  await expect(producer.send(campaign)).rejects.toMatchObject({ code: "BAD_REQUEST" });
});

test("a Redis that is away is told at once, and forgotten once it is back; a wait goes on meanwhile", async () => {
  const dir = mkdtempSync(join(tmpdir(), "qunfa-producer-"));
  let own = await openRedisServer({ dir });
  const { port } = own;
  const producer = openProducer({ redisUrl: own.url });
  try {
    await producer.send(campaign, { id });
    const waiting = producer.waitForReport(id, { timeoutMs: 20_000 });
    waiting.catch(() => {});
    await own.kill();
    const asked = Date.now();
    await expect(producer.send(campaign)).rejects.toMatchObject({ code: "REDIS_AWAY" });
    await expect(producer.uploadAudience(["oA"])).rejects.toMatchObject({ code: "REDIS_AWAY" });
    expect(Date.now() - asked).toBeLessThan(4_000);
    own = await openRedisServer({ dir, port });
    await until(
      () =>
        producer.send(campaign).then(
          () => true,
          () => false,
        ),
      { timeoutMs: 10_000 },
    );
    await producer.close();
    await expect(waiting).rejects.toMatchObject({ code: expect.stringMatching(/BAD_REQUEST|NOT_FOUND/) });
  } finally {
    await producer.close();
    await own.close();
    rmSync(dir, { recursive: true });
  }
  const away = openProducer({ redisUrl: "redis://127.0.0.1:1" });
  const asked = Date.now();
  await expect(away.send(campaign)).rejects.toMatchObject({ code: "REDIS_AWAY" });
  await expect(away.waitForReport("offer")).rejects.toMatchObject({ code: "REDIS_AWAY" });
  expect(Date.now() - asked).toBeLessThan(5_000);
});

test("a connection of the caller's is used and left open", async () => {
  const own = new Redis(server.url);
  const producer = openProducer({ connection: own });
  await producer.send(campaign, { id });
  expect((await jobs.getJob(id))?.data).toEqual(campaign);
  await producer.close();
  expect(await own.ping()).toBe("PONG");
  await own.quit();
});
