import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ask } from "../http/door.ts";
import { expectOnce, messageOf, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {} } });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const bodyOf = (text: string, openids: readonly string[]) => ({
  account: "acme",
  message: messageOf(text),
  audience: { type: "openids", openids },
});

const post = (body: object, key: string) =>
  ask(rig.url, "/v1/campaigns", {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(body),
  });

const ended = async (id: string) => {
  const { report } = await rig.shown(id, (shown) => shown.report !== null);
  return report;
};

test("of two bodies that come at once with one key, one is sent, to its own people, and the other is told: 409", async () => {
  for (let round = 0; round < 10; round++) {
    const key = `round-${round}`;
    const [mine, yours] = [people(12, 1_000 + round * 100), people(round % 2 ? 12 : 13, 1_050 + round * 100)];
    const bodies = [bodyOf(`mine-${round}`, mine), bodyOf(`yours-${round}`, yours)];
    const answers = await Promise.all(bodies.map((body) => post(body, key)));
    const statuses = answers.map(({ status }) => status);
    expect([...statuses].sort()).toEqual([202, 409]);
    const report = await ended(key);
    const [text, list] = statuses[0] === 202 ? [`mine-${round}`, mine] : [`yours-${round}`, yours];
    expect(report).toMatchObject({ state: "completed", audience: { received: list.length } });
    expectOnce(rig.desk("acme"), text, list);
    const other = statuses[0] === 202 ? `yours-${round}` : `mine-${round}`;
    expect(JSON.stringify(rig.desk("acme").books.sends)).not.toContain(other);
  }
}, 60_000);

test("a long list that is posted again while it is taken in loses nobody", async () => {
  for (let round = 0; round < 3; round++) {
    const key = `long-${round}`;
    const list = people(60_000, 10_000);
    const answers = await Promise.all([0, 1, 2, 3, 4, 5].map(() => post(bodyOf(key, list), key)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 202]);
    expect(await ended(key)).toMatchObject({
      state: "completed",
      audience: { received: 60_000, admitted: 60_000 },
    });
    expectOnce(rig.desk("acme"), key, list);
  }
  expect(await rig.client.keys("{qunfa*}:campaign:*~*:list")).toEqual([]);
}, 120_000);

test("a key for which a job stands in the queue is taken with its body alone", async () => {
  const [queued, other] = [bodyOf("queued", people(12, 80_000)), bodyOf("other", people(12, 80_100))];
  const job = await rig.queues.campaigns.add("campaign", queued, { jobId: "queued", delay: 3_600_000 });
  expect(await post(other, "queued")).toMatchObject({ status: 409 });
  expect(await post(queued, "queued")).toMatchObject({ status: 202 });
  expect(await post(queued, "queued")).toMatchObject({ status: 200 });
  await job.promote().catch(() => {});
  expect(await ended("queued")).toMatchObject({ state: "completed" });
  expectOnce(rig.desk("acme"), "queued", people(12, 80_000));
  expect(JSON.stringify(rig.desk("acme").books.sends)).not.toContain("other");
});

test("a key of a job that was refused stays used up", async () => {
  const job = await rig.queues.campaigns.add("campaign", { x: 1 }, { jobId: "refused" });
  await expect(rig.report(job)).rejects.toThrow("BAD_CAMPAIGN");
  const { status, text } = await post(bodyOf("refused", people(12, 81_000)), "refused");
  expect([status, JSON.parse(text).code]).toEqual([409, "ID_REUSED"]);
  expect(await rig.queues.campaigns.getJob("refused")).toMatchObject({
    failedReason: expect.stringContaining("BAD_CAMPAIGN"),
  });
});
