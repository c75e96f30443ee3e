import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startProcess } from "./process.ts";
import { expectOnce, expectTrue, messageOf, openRig, people, type Report, type Rig } from "./rig.ts";

const key = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";
let rig: Rig;
const folder = mkdtempSync(join(tmpdir(), "qunfa-producer-"));

beforeAll(async () => {
  rig = await openRig({ accounts: { acme: { encodingAESKey: key } }, appendOnly: true });
});
afterEach(() => rig.expectClean());
afterAll(async () => {
  await rig.close();
  rmSync(folder, { recursive: true });
});

/** 25,007 entries: 24,990 people, 12 of them twice, five that nobody can be. */
const admitted = people(24_990);
const entries = [
  ...admitted.slice(0, 10_000).map((openid, index) => (index % 1000 === 0 ? ` ${openid}\t` : openid)),
  ...["", "short", "oStory_has a space in it.....", 42, null],
  ...admitted.slice(10_000),
  ...admitted.slice(5, 17),
];

test("a producer that imports only bullmq has 25,007 entries sent, each person once, and gets a true report", async () => {
  const desk = rig.desk("acme");
  const id = "november-offer";
  const file = join(folder, "job.json");
  const data = {
    account: "acme",
    name: "November",
    message: messageOf(id),
    audience: { type: "openids", openids: entries },
  };
  writeFileSync(file, JSON.stringify({ id, data }));
  const producer = startProcess("test/story/producer.mjs", {}, [String(rig.redis.port), file]);
  await producer.exited;
  expect(producer.stderr()).toBe("");
  const { report, progress } = producer.lines().at(-1) as unknown as {
    report: Report;
    progress: { percent: number }[];
  };

  expectOnce(desk, id, admitted);
  expectTrue(desk, id, report);
  expect(report).toMatchObject({
    campaignId: id,
    account: "acme",
    state: "completed",
    reason: null,
    audience: { received: 25_007, invalid: 5, duplicate: 12, excluded: 0, capped: 0, admitted: 24_990 },
    batches: { planned: 3, succeeded: 3, failed: 0, needsReview: 0, canceled: 0 },
    countsMissing: 0,
    sendCalls: 3,
  });
  expect(desk.books.sends.map(({ touser }) => touser.length).sort()).toEqual([10_000, 10_000, 4_990]);
  expect(new Set(desk.books.sends.map(({ clientmsgid }) => clientmsgid)).size).toBe(3);
  expect(desk.calls).toHaveLength(3);
  expect(desk.pushed.map(({ status, text }) => `${status} ${text}`)).toEqual(Array(3).fill("200 success"));
  expect((await rig.show(id)).report).toEqual(report);

  const percents = progress.map(({ percent }) => percent);
  expect(percents).toEqual([...percents].sort((one, other) => one - other));
  expect(percents.at(-1)).toBe(100);
});

test("afterwards no OpenID is in any job, and the job's log reads like an account of what was done", async () => {
  const keys = await rig.client.keys("{qunfa}:*");
  expect(keys).toContain("{qunfa}:campaigns:november-offer");
  for (const name of keys) expect(await everything(rig.client, name), name).not.toContain("oStory");
  const job = await rig.queues.campaigns.getJob("november-offer");
  expect(job?.data).toEqual({ account: "acme", name: "November", stored: true });
  const { logs } = await rig.queues.campaigns.getJobLogs("november-offer");
  expect(logs.map((line) => line.replace(/^\S+Z /, ""))).toEqual([
    "Took in 25007 OpenIDs, 5 of them malformed.",
    "Planned 3 batches for 24990 people; 12 came twice, 0 are at the cap, 0 are excluded.",
    "Closed as completed.",
  ]);
  const batch = await rig.queues.batches.getJobLogs("november-offer~1");
  expect(batch.logs.join("\n")).toMatch(/WeChat accepted it as \d+/);
});

test("each person can be looked up: what happened, in which batch, and how that ended", async () => {
  const desk = rig.desk("acme");
  const look = (openid: string) =>
    rig.get<object>(`/v1/campaigns/november-offer/recipients/${encodeURIComponent(openid)}`);
  for (const [index, sent] of desk.books.sends.entries()) {
    const openid = sent.touser[index] ?? "";
    const batch = (await rig.batches("november-offer")).find(({ msgId }) => msgId === sent.msgId);
    expect(await look(openid)).toEqual({
      openid,
      outcome: "admitted",
      batch: batch?.number,
      state: "succeeded",
    });
  }
  expect(await look("short")).toMatchObject({ outcome: "invalid", batch: null });
  expect(await look(people(1, 99_999)[0] ?? "")).toMatchObject({ outcome: "absent", batch: null });
});

/** Whatever a key holds, as text. */
async function everything(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case "string":
      return String(await redis.get(key));
    case "hash":
      return JSON.stringify(await redis.hgetall(key));
    case "list":
      return (await redis.lrange(key, "0", "-1")).join("\n");
    case "set":
      return (await redis.smembers(key)).join("\n");
    case "zset":
      return (await redis.zrange(key, "0", "-1")).join("\n");
    case "stream":
      return JSON.stringify(await redis.xrange(key, "-", "+"));
    default:
      return "";
  }
}
