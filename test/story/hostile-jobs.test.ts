import type { Job, JobsOptions, Queue } from "bullmq";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { campaignText, hugeRefused, hugeTaken, readHostileJobs } from "../support/hostile-jobs.ts";
import { until } from "../support/until.ts";
import { openRig, people, type Rig } from "./rig.ts";

const LEVELS = 1_000_000;

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: { limits: { perUserPerMonth: 4 } }, calm: {} } });
});
/** Whatever a stranger has put in: the process is the same, it logged no bug and no person, and goes on. */
let good = 0;
afterEach(async () => {
  rig.expectClean();
  expect(rig.workers()).toHaveLength(1);
  good += 1;
  const report = await rig.report(await rig.add(`good-${good}`, "calm", people(2, 100 * good)));
  expect(report).toMatchObject({ state: "completed", recipients: { submitted: 2 } });
});
afterAll(() => rig.close());

/** Puts a job with this very text as its data into a queue, as a program in any language may do. */
async function addText(queue: Queue, id: string, text: string, name = "campaign", options: JobsOptions = {}) {
  await queue.pause();
  const job = await queue.add(name, {}, { jobId: id, ...options });
  await rig.client.hset(`{qunfa}:${queue.name}:${id}`, "data", text);
  await queue.resume();
  return job;
}

/** Why a job has failed; it did so once, and nothing but a few words is left of it in Redis. */
async function failure(queue: Queue, id: string): Promise<string> {
  const state = () => queue.getJobState(id);
  await until(async () => ["failed", "completed"].includes(await state()), {
    timeoutMs: 60_000,
    describe: async () => ({ id: id.slice(0, 50), state: await state() }),
  });
  const key = `{qunfa}:${queue.name}:${id}`;
  const { failedReason = "it did not fail", ...stored } = await rig.client.hgetall(key);
  expect(JSON.stringify({ failedReason, ...stored })).not.toContain("oStory");
  expect(JSON.stringify(stored).length).toBeLessThan(20_000 + 2 * id.length);
  expect(await rig.client.exists(`{qunfa}:campaign:${id}`)).toBe(0);
  return failedReason;
}

describe("job data that is no campaign", () => {
  test("is refused once, with its reason, whatever it is", async () => {
    const corpus = readHostileJobs("refused");
    expect(corpus.length).toBeGreaterThan(40);
    for (const { name, text } of corpus) await addText(rig.queues.campaigns, `of-${name}`, text);
    for (const { name } of corpus)
      expect(await failure(rig.queues.campaigns, `of-${name}`), name).toMatch(/^BAD_CAMPAIGN: [^\n]+$/);
  });

  test("is refused once when it is not even JSON, and its text is quoted nowhere", async () => {
    const corpus = readHostileJobs("unreadable");
    expect(corpus).toHaveLength(3);
    for (const { name, text } of corpus) {
      await addText(rig.queues.campaigns, name, text);
      await addText(rig.queues.batches, `${name}~1`, text, "batch");
    }
    for (const { name } of corpus) {
      expect(await failure(rig.queues.campaigns, name), name).toMatch(/^BAD_CAMPAIGN: /);
      expect(await failure(rig.queues.batches, `${name}~1`), name).toMatch(/^BAD_JOB: /);
    }
  });

  test("is refused once when it is a million levels deep, 100,000 fields wide or 50 MB long", async () => {
    for (const { name, text } of hugeRefused(LEVELS)) {
      await addText(rig.queues.campaigns, name, text);
      expect(await failure(rig.queues.campaigns, name), name).toMatch(/^BAD_CAMPAIGN: .{1,2000}$/);
    }
  });
});

describe("a campaign with strange parts", () => {
  const malformed: Record<string, number> = {
    "entries-of-every-kind": 13,
    "entries-with-odd-characters": 11,
  };

  test("is sent to the people in it, and what is no person is counted", async () => {
    const corpus = readHostileJobs("taken");
    expect(corpus.length).toBeGreaterThan(5);
    for (const [at, { name, text }] of corpus.entries()) {
      const own = text.replaceAll("oStory_00", `oStory_${at + 10}`);
      const { audience, state } = await rig.report(await addText(rig.queues.campaigns, name, own));
      expect({ name, state }).toEqual({ name, state: "completed" });
      const { received, invalid, duplicate, excluded, admitted } = audience;
      expect({ name, invalid }).toEqual({ name, invalid: malformed[name] ?? 0 });
      expect(received).toBe(invalid + duplicate + excluded + admitted);
    }
  });

  test("counts an entry that is a million levels deep or 50 MB long, and keeps little of it", async () => {
    for (const [at, { name, text }] of hugeTaken(LEVELS).entries()) {
      const own = text.replaceAll("oStory_00", `oStory_${at + 50}`);
      const report = await rig.report(await addText(rig.queues.campaigns, name, own));
      expect(report.audience).toMatchObject({ received: 3, invalid: 1, admitted: 2 });
      const list = await rig.client.memory("USAGE", `{qunfa:acme}:campaign:${name}:list`);
      expect(list).toBeLessThan(2_000);
    }
  });
});

const strange = [
  "..",
  ".",
  "a~1",
  "a/b",
  "群发",
  "{x}",
  "x".repeat(5_000),
  "%00",
  "a b",
  "a\nb",

  "-".repeat(129),
];

describe("the id of a job", () => {
  test("is refused when no campaign can have it", async () => {
    for (const id of strange) {
      await rig.queues.campaigns.add("campaign", JSON.parse(campaignText()), { jobId: id });
      expect(await failure(rig.queues.campaigns, id), id.slice(0, 20)).toMatch(/^BAD_CAMPAIGN: id: expected/);
    }
  });

  test("may be a word of JavaScript's", async () => {
    for (const [at, id] of ["__proto__", "constructor", "toString", "undefined", "null"].entries()) {
      const report = await rig.report(await rig.add(id, "acme", people(2, 3_000 + 2 * at)));
      expect(report).toMatchObject({ campaignId: id, state: "completed" });
      expect(await rig.show(id)).toMatchObject({ id, state: "completed" });
    }
  });
});

describe("a stranger's job in one of qunfa's queues", () => {
  const batchOf = (campaign: unknown, number: unknown) => ({ account: "acme", campaign, number });

  test("is refused once under another name, and its data is taken away", async () => {
    for (const [queue, id] of [
      [rig.queues.campaigns, "misnamed"],
      [rig.queues.batches, "misnamed~1"],
      [rig.queues.reconcile, "misnamed"],
    ] as const) {
      await addText(queue, id, campaignText(), "cleanup");
      expect(await failure(queue, id)).toMatch(/^BAD_JOB: expected a job of the name/);
    }
  });

  test.each<[string, string, unknown]>([
    ["of nothing", "strange~1", null],
    ["of a list of people", "strange~2", people(3)],
    ["of a campaign", "strange~3", JSON.parse(campaignText())],
    ["of an account that can't be", "strange~4", { ...batchOf("strange", 4), account: "a}:{b" }],
    ["of a number that is none", "strange~5", batchOf("strange", "5")],
    ["of a number beyond 2^53", "strange~9007199254740993", batchOf("strange", 2 ** 53)],
    ["of a campaign that can't be", "..~1", batchOf("..", 1)],
    ["of another batch than its id says", "strange~7", batchOf("other", 1)],
    ["without a batch's id", "strange", batchOf("strange", 1)],
  ])("is refused once in the queue of batches when it is %s", async (_what, id, data) => {
    await rig.queues.batches.add("batch", data, { jobId: id, attempts: 5 });
    expect(await failure(rig.queues.batches, id)).toMatch(/^BAD_JOB: /);
  });

  test("is done with at once when its batch does not exist", async () => {
    await rig.queues.batches.add("batch", batchOf("nobody", 1), { jobId: "nobody~1" });
    await until(async () => (await rig.queues.batches.getJobState("nobody~1")) === "completed");
  });

  test("that says its list is stored has lost it, and one in the place of a batch's own gives way", async () => {
    await rig.queues.campaigns.add("campaign", { account: "acme", stored: true }, { jobId: "no-record" });
    expect(await failure(rig.queues.campaigns, "no-record")).toMatch(/^AUDIENCE_LOST: /);

    await rig.queues.batches.add("batch", batchOf("other", 1), { jobId: "taken-place~1" });
    const report = await rig.report(await rig.add("taken-place", "acme", people(2, 4_000)));
    expect(report).toMatchObject({ state: "completed", recipients: { submitted: 2 } });
  });
});

describe("a job's options and fields", () => {
  const table: JobsOptions[] = [
    { attempts: -1 },
    { attempts: 1e9, backoff: { type: "nope", delay: -5 } },
    { delay: 5, priority: 2_097_151 },
    { removeOnFail: true, lifo: true, keepLogs: 0 },
    { stackTraceLimit: 0, sizeLimit: 1e9 },
    { timestamp: -1 },
    { timestamp: 2 ** 53 - 1 },
    { deduplication: { id: "same", ttl: 1 } },
  ];

  test.each(table)("may be %j: it is sent all the same", async (options) => {
    const at = table.indexOf(options);
    const job = await rig.add(`options-${at}`, "acme", people(2, 5_000 + 2 * at), {}, options);
    expect(await rig.report(job)).toMatchObject({ state: "completed" });
  });

  test("may hold a timestamp that is none: it is refused once", async () => {
    for (const [at, timestamp] of ["NaN", "Infinity", "soon"].entries()) {
      await rig.queues.campaigns.pause();
      const job = await rig.add(`stamp-${at}`, "acme", people(2, 6_000));
      await rig.client.hset(`{qunfa}:campaigns:${job.id}`, "timestamp", timestamp);
      await rig.queues.campaigns.resume();
      expect(await failure(rig.queues.campaigns, `stamp-${at}`)).toMatch(/^BAD_CAMPAIGN: timestamp/);
    }
  });

  test("may be written over while it sleeps: the ledger decides", async () => {
    const startAt = new Date(Date.now() + 4_000).toISOString();
    const job: Job = await rig.add("written-over", "acme", people(2, 7_000), { schedule: { startAt } });
    await rig.shown("written-over", ({ state }) => state === "scheduled");
    await until(async () => (await rig.queues.campaigns.getJobState("written-over")) === "delayed");
    const report = { state: "completed", audience: { admitted: 10_000 } };
    await rig.client.hset("{qunfa}:campaigns:written-over", {
      progress: "{ this is no JSON",
      returnvalue: JSON.stringify(report),
      failedReason: "x".repeat(100_000),
      data: '{ "account": "calm", "stored": true }',
      attemptsMade: "1e9",
    });
    expect(await rig.report(job)).toMatchObject({ state: "completed", audience: { admitted: 2 } });
  });
});
