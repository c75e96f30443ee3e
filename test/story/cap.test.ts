import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { finishXml } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Report, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  const accounts = Object.fromEntries(["six", "read", "lower", "console"].map((id) => [id, {}]));
  rig = await openRig({ accounts, workers: 3 });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

/** How many people have each of these numbers. */
function histogram(numbers: Iterable<number>): Record<string, number> {
  const people: Record<string, number> = { 1: 0, 2: 0, 3: 0, 4: 0 };
  for (const number of numbers) people[number] = (people[number] ?? 0) + 1;
  return people;
}

test("six overlapping campaigns at once, three workers of which two are killed: nobody gets a fifth message", async () => {
  const desk = rig.desk("six");
  const lists = Array.from({ length: 6 }, (_, index) => people(24_000, 3_000 * index));
  const asked = new Map<string, number>();
  for (const openid of lists.flat()) asked.set(openid, (asked.get(openid) ?? 0) + 1);

  const add = (list: string[], index: number) =>
    rig.add(`six-${index}`, "six", [...list, ...list.slice(0, 50), "nobody"]);
  const jobs = await Promise.all(lists.map(add));
  const planned = async () => (await rig.client.keys("{qunfa:six}:campaign:six-?:plan")).length >= 2;
  for (const reached of [planned, () => desk.calls.length >= 5]) {
    await until(reached, { timeoutMs: 60_000 });
    rig.workers()[0]?.kill("SIGKILL");
    await rig.startWorker();
  }

  const reports: Report[] = [];
  for (const [index, job] of jobs.entries()) {
    const report = await rig.report(job, 90_000);
    expect(report).toMatchObject({ state: "completed", audience: { received: 24_051, duplicate: 50 } });
    expectTrue(desk, `six-${index}`, report);
    expect(report.recipients.submitted).toBe(report.audience.admitted);
    reports.push(report);
  }
  const capped = reports.reduce((sum, { audience }) => sum + audience.capped, 0);
  const over = [...asked.values()].reduce((sum, times) => sum + Math.max(0, times - 4), 0);
  expect(capped).toBe(over);
  const received = desk.books.received("");
  for (const [openid, times] of asked) expect(received.get(openid)).toBe(Math.min(times, 4));
  expect(await rig.get("/v1/accounts/six/caps")).toMatchObject({
    users: histogram(received.values()),
    base: 0,
  });
});

describe("what an operator reads after a campaign", () => {
  test("one person's month, everybody's, and what the day has left", async () => {
    const [first = "", other = ""] = [...people(1), ...people(1, 500)];
    await rig.report(await rig.add("read", "read", people(300)));
    const used = (openid: string) => rig.get(`/v1/accounts/read/caps/${openid}`);
    expect(await used(first)).toMatchObject({ used: 1, left: 3, limit: 4 });
    expect(await used(other)).toMatchObject({ used: 0, left: 4, limit: 4 });
    const users = { 1: 300, 2: 0, 3: 0, 4: 0 };
    expect(await rig.get("/v1/accounts/read/caps")).toMatchObject({ users, base: 0 });
    expect(await rig.get("/v1/accounts/read/quota")).toMatchObject({
      send: { limit: 100, used: 1, held: 0, left: 99, stopped: null },
      minute: { limit: 60 },
    });
  });

  test("a campaign with a lower limit finds people at it: it leaves them out, or is not sent at all", async () => {
    const desk = rig.desk("lower");
    await rig.report(await rig.add("lower-1", "lower", people(40)));
    const twice = { perUserPerMonth: 1 };
    const skipping = await rig.report(await rig.add("lower-2", "lower", people(60, 10), twice));
    expect(skipping).toMatchObject({ state: "completed", audience: { capped: 30, admitted: 30 } });
    expectOnce(desk, "lower-2", people(30, 40));
    const [capped = "", admitted = ""] = [...people(1, 10), ...people(1, 40)];
    expect(await rig.fateOf("lower-2", capped)).toMatchObject({ outcome: "capped", batch: null });
    expect(await rig.fateOf("lower-2", admitted)).toMatchObject({ outcome: "admitted", batch: 1 });

    const strict = { ...twice, overCap: "fail" };
    const refused = await rig.report(await rig.add("lower-3", "lower", people(60, 60), strict));
    expect(refused).toMatchObject({
      ...{ state: "failed", reason: "OVER_CAP", sendCalls: 0 },
      audience: { received: 60, capped: 10, excluded: 50, admitted: 0 },
    });
    expect(desk.calls).toHaveLength(2);
    const users = { 1: 70, 2: 0, 3: 0, 4: 0 };
    expect(await rig.get("/v1/accounts/lower/caps")).toMatchObject({ users });
  });
});

test("a send from WeChat's console is listed, booked once, and counted by the next campaign", async () => {
  const desk = rig.desk("console");
  const msgId = "3147483701";
  const counts = { total: 10, filter: 10, sent: 10, error: 0 };
  await desk.post(finishXml({ msgId, status: "send success", counts }));
  const path = "/v1/accounts/console/external-sends";
  const [offer] = (await rig.get<{ items: object[] }>(path)).items;
  expect(offer).toMatchObject({ msgId, bookable: true, booked: null, result: { counts: { total: 10 } } });

  const booking = { msgId, audience: { type: "openids", openids: people(10) } };
  const first = await rig.post(path, booking);
  expect(first).toMatchObject({ status: 201, msgId, audience: { booked: 10 } });
  expect(await rig.post(path, booking)).toEqual({ ...first, status: 200 });
  expect(await rig.get(path)).toMatchObject({
    items: [{ msgId, bookable: false, booked: { id: first.id } }],
  });

  const once = { perUserPerMonth: 1 };
  const report = await rig.report(await rig.add("console", "console", people(30), once));
  expect(report).toMatchObject({ state: "completed", audience: { capped: 10, admitted: 20 } });
  expectOnce(desk, "console", people(20, 10));
});
