import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ask } from "../http/door.ts";
import { until } from "../support/until.ts";
import { expectOnce, messageOf, openRig, people, type Rig, type Shown } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {} } });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const bodyOf = (id: string, openids = people(12)) => ({
  account: "acme",
  message: messageOf(id),
  audience: { type: "openids", openids },
});

const post = (body: object, key?: string) =>
  ask(rig.url, "/v1/campaigns", {
    method: "POST",
    headers: { "content-type": "application/json", ...(key !== undefined && { "idempotency-key": key }) },
    body: JSON.stringify(body),
  });

const ended = (id: string) => rig.shown(id, ({ report }) => report !== null);

test("a campaign that is posted is sent, and its job has held nobody at any time", async () => {
  const answer = await post(bodyOf("posted"));
  const { id, state } = answer.json() as { id: string; state: string };
  expect({ status: answer.status, state }).toEqual({ status: 202, state: "preparing" });
  expect(answer.headers.location).toBe(`/v1/campaigns/${id}`);
  expect((await ended(id)).report).toMatchObject({ state: "completed", audience: { admitted: 12 } });
  expectOnce(rig.desk("acme"), "posted", people(12));
  const job = await rig.queues.campaigns.getJob(id);
  expect(job?.data).toEqual({ account: "acme", stored: true });
  await until(async () => (await job?.getState()) === "completed");
});

test("the same key and body again is the same campaign and the same answer, with another body 409", async () => {
  const key = "november-offer";
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const body = { ...bodyOf(key, people(12, 100)), schedule: { startAt } };
  const answers = [await post(body, key), await post(body, key)];
  expect(answers.map(({ status }) => status)).toEqual([202, 200]);
  expect(answers.map((answer) => answer.json())).toEqual(Array(2).fill({ id: key, state: "scheduled" }));
  const other = await post(bodyOf("another"), key);
  expect({ status: other.status, ...(other.json() as object) }).toMatchObject({
    status: 409,
    code: "ID_REUSED",
  });
  expect(await rig.move("cancel", key)).toMatchObject({ status: 200 });
  expect((await post(body, key)).status).toBe(200);
});

test("many at once with one key are one campaign", async () => {
  const body = bodyOf("at-once", people(12, 200));
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(body, "at-once")));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  for (const { status } of answers) expect([200, 202]).toContain(status);
  await ended("at-once");
  expectOnce(rig.desk("acme"), "at-once", people(12, 200));
});

test("bad data and bad keys are refused, and leave nothing", async () => {
  const wrong = await post({ ...bodyOf("wrong"), perUserPerMonth: 9, color: "red" });
  expect({ status: wrong.status, ...(wrong.json() as object) }).toMatchObject({
    ...{ status: 422, code: "BAD_CAMPAIGN" },
    errors: [{ path: "perUserPerMonth" }, { path: "color" }],
  });
  expect(wrong.text).not.toContain("oStory");
  const list = { type: "list", audienceId: randomUUID() };
  expect((await post({ ...bodyOf("wrong"), audience: list })).status).toBe(422);
  for (const key of ["12345", "wait", "a/b", "..", "x".repeat(129)])
    expect((await post(bodyOf("wrong"), key)).status, key).toBe(400);
  const { items } = await rig.get<{ items: (Shown & { name: string | null })[] }>("/v1/campaigns?limit=200");
  expect(items).toHaveLength(3);
});

test("the server that was built shows its description to people, with all that it takes", async () => {
  const page = await ask(rig.url, "/docs");
  expect(page.status).toBe(200);
  const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => `/${file}`);
  expect(files).toHaveLength(6);
  for (const file of files) expect([file, (await ask(rig.url, file)).status]).toEqual([file, 200]);
});
