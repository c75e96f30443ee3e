import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { follower } from "../support/strict-followers.ts";
import { openRig, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  const limits = { sendCallsPerDay: 50 };
  rig = await openRig({
    accounts: {
      tagged: { limits },
      everybody: { limits },
      spent: { limits },
      asked: { limits },
      paged: { limits },
      booked: { limits },
      news: { kind: "subscription" },
    },
  });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const fans = (count: number, from = 0) => Array.from({ length: count }, (_, at) => follower(from + at));

const send = (id: string, account: string, audience: object, more: object = {}) =>
  rig.add(id, account, [], { audience, ...more });

const capOf = (account: string, openid: string) =>
  rig.get<{ used: number }>(`/v1/accounts/${account}/caps/${openid}`).then(({ used }) => used);

describe("a campaign to a tag", () => {
  test("is one call of sendall, with WeChat's counts as its report, and its people are counted afterwards", async () => {
    const desk = rig.desk("tagged");
    desk.tags = { 100: fans(12_345) };
    const report = await rig.report(await send("to-tag", "tagged", { type: "tag", tagId: 100 }), 90_000);
    expect(desk.calls.map(({ size }) => size)).toEqual([12_345]);
    expect(report).toMatchObject({
      ...{ state: "completed", reason: null, audience: null, sendCalls: 1 },
      batches: { planned: 1, succeeded: 1 },
      recipients: { ...desk.books.recipients("「to-tag」"), submitted: 12_345 },
    });
    expect(await capOf("tagged", follower(0))).toBe(1);
    expect(await capOf("tagged", follower(12_344))).toBe(1);
    expect(await capOf("tagged", follower(12_345))).toBe(0);
    expect(await rig.show("to-tag")).toMatchObject({ state: "completed", progress: { percent: 100 } });
  }, 120_000);

  test("is asked for again with the same clientmsgid when its answer was lost", async () => {
    const desk = rig.desk("tagged");
    desk.tags = { 101: fans(20) };
    const before = desk.calls.length;
    desk.script = [{ accept: true, answer: "cut" }];
    const report = await rig.report(await send("lost", "tagged", { type: "tag", tagId: 101 }));
    expect(report).toMatchObject({ state: "completed", recipients: { submitted: 20 } });
    const calls = desk.calls.slice(before);
    expect(calls.length).toBe(2);
    expect(new Set(calls.map(({ clientmsgid }) => clientmsgid)).size).toBe(1);
  });

  test("that is not there is refused, and nobody is counted", async () => {
    const desk = rig.desk("tagged");
    desk.script = [{ answer: { errcode: 40152 } }];
    desk.tags = { 7: fans(3) };
    const report = await rig.report(await send("no-tag", "tagged", { type: "tag", tagId: 7 }));
    expect(report).toMatchObject({ state: "failed", reason: "REFUSED", audience: null });
    expect(desk.books.received("「no-tag」").size).toBe(0);
  });

  test("can be expanded: its members go the way of a list, page by page, under the cap", async () => {
    const desk = rig.desk("paged");
    desk.tags = { 100: fans(20_003) };
    const [before, tagCalls] = [desk.calls.length, desk.tagCalls];
    desk.tagScript = ["ok", { errcode: -1 }];
    const audience = { type: "tag", tagId: 100, expand: true };
    const report = await rig.report(await send("expanded", "paged", audience), 60_000);
    expect(report.audience).toMatchObject({ received: 20_003, duplicate: 0, admitted: 20_003 });
    expect(desk.calls.slice(before).map(({ size }) => size)).toEqual([10_000, 10_000, 3]);
    // Three pages, an empty one behind the last, and one that WeChat was too busy for.
    expect(desk.tagCalls - tagCalls).toBe(5);
    const received = desk.books.received("「expanded」");
    expect(received.size).toBe(20_003);
    expect([...received.values()].every((times) => times === 1)).toBe(true);
    expect(await capOf("paged", follower(20_002))).toBe(1);
  }, 90_000);
});

test("a tag to be expanded that is not there ends its campaign, and says so", async () => {
  const audience = { type: "tag", tagId: 4_711, expand: true };
  const report = await rig.report(await send("unknown-tag", "paged", audience));
  expect(report).toMatchObject({ state: "failed", reason: "AUDIENCE_REFUSED", sendCalls: 0 });
  expect((report as { error?: object }).error).toMatchObject({ code: "AUDIENCE_REFUSED", errcode: 45_159 });
});

describe("a campaign to all", () => {
  test("raises everybody's number, once a day: the next one waits for tomorrow, while lists go on", async () => {
    const desk = rig.desk("everybody");
    desk.followers = 25_000;
    const report = await rig.report(await send("first", "everybody", { type: "all" }));
    expect(report).toMatchObject({ state: "completed", audience: null, recipients: { submitted: 25_000 } });
    expect(await capOf("everybody", "oStory_who-has-never-been-told")).toBe(1);

    await send("second", "everybody", { type: "all" });
    const { waitingFor } = await rig.shown("second", ({ state }) => state === "waiting");
    expect(waitingFor).toMatchObject({ reason: "daily-quota" });
    const list = await rig.report(await rig.add("list", "everybody", fans(5)));
    expect(list.state).toBe("completed");
    expect(await capOf("everybody", follower(0))).toBe(2);
    await rig.move("cancel", "second");
    expect(await rig.shown("second", ({ state }) => state === "canceled")).toMatchObject({
      report: { reason: "CANCELED", batches: { canceled: 1 } },
    });
    expect(await capOf("everybody", follower(0))).toBe(2);
    expect(desk.calls.length).toBe(2);
  });

  test("gives its number back when WeChat refuses it, and a 45028 stops no list", async () => {
    const desk = rig.desk("spent");
    desk.script = [{ answer: { errcode: 40007 } }];
    const refused = await rig.report(await send("refused", "spent", { type: "all" }));
    expect(refused).toMatchObject({ state: "failed", reason: "REFUSED" });
    expect(await capOf("spent", follower(0))).toBe(0);

    desk.script = [{ answer: { errcode: 45028 } }];
    await send("no-quota", "spent", { type: "all" });
    const { waitingFor } = await rig.shown("no-quota", ({ state }) => state === "waiting");
    expect(waitingFor).toMatchObject({ reason: "daily-quota" });
    expect((await rig.report(await rig.add("still", "spent", fans(5)))).state).toBe("completed");
    expect(await rig.get("/v1/accounts/spent/quota")).toMatchObject({ send: { used: 3, stopped: null } });
  });

  test("waits for an administrator whom WeChat asks, while lists go on", async () => {
    const desk = rig.desk("asked");
    desk.script = [{ answer: { errcode: 89504 } }];
    const started = Date.now();
    await send("asks", "asked", { type: "all" });
    const { waitingFor } = await rig.shown("asks", ({ state }) => state === "waiting");
    expect(waitingFor).toMatchObject({ reason: "admin-confirmation", errcode: 89504 });
    expect(waitingFor?.remedy).toContain("administrator");
    const waitMs = new Date(waitingFor?.until ?? 0).getTime() - started;
    expect(waitMs).toBeGreaterThanOrEqual(1_800_000);
    expect(waitMs).toBeLessThan(1_810_000);
    await rig.move("resume", "asks");
    expect((await rig.report(await rig.add("beside", "asked", fans(5)))).state).toBe("completed");
    await rig.move("cancel", "asks");
    await rig.shown("asks", ({ state }) => state === "canceled");
    expect(desk.calls.map(({ size }) => size)).toEqual([expect.any(Number), 5]);
    expect(await capOf("asked", follower(0))).toBe(1);
    expect((await rig.batches("asks"))[0]).toMatchObject({
      error: { code: "CANCELED", remedy: expect.stringContaining("administrator") },
    });
  });

  test("waits for tomorrow when the console has sent one today, as soon as that is booked", async () => {
    const all = { audience: { type: "all" } };
    expect(await rig.post("/v1/accounts/booked/external-sends", all)).toMatchObject({ status: 201 });
    await send("behind", "booked", { type: "all" });
    const { waitingFor } = await rig.shown("behind", ({ state }) => state === "waiting");
    expect(waitingFor).toMatchObject({ reason: "daily-quota" });
    expect(await capOf("booked", follower(0))).toBe(1);
    expect((await rig.report(await rig.add("beside", "booked", fans(5)))).state).toBe("completed");
  });

  test("of a subscription account is its one message of the day", async () => {
    const report = await rig.report(await send("news-1", "news", { type: "all" }));
    expect(report.state).toBe("completed");
    await send("news-2", "news", { type: "tag", tagId: 1 });
    const { waitingFor } = await rig.shown("news-2", ({ state }) => state === "waiting");
    expect(waitingFor).toMatchObject({ reason: "daily-quota" });
  });

  test("has no wish that only a list can keep", async () => {
    const job = await send("wishes", "everybody", { type: "all" }, { overCap: "fail", perUserPerMonth: 2 });
    await expect(rig.report(job)).rejects.toThrow(/overCap.*perUserPerMonth/);
    const list = await send("list-of-news", "news", { type: "tag", tagId: 1, expand: true });
    await expect(rig.report(list)).rejects.toThrow(/audience: a subscription account/);
  });
});
