import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../http/door.ts";
import { follower } from "../support/strict-followers.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  const limits = { sendCallsPerDay: 50 };
  rig = await openRig({ accounts: { acme: { limits }, read: { limits }, other: { limits } } });
});
afterEach(() => {
  rig.expectClean();
  // The followers' names too.
  expect(rig.logs()).not.toContain("oStoryFan");
});
afterAll(() => rig.close());

type List = {
  readonly audienceId: string;
  readonly state: string;
  readonly received: number;
  readonly error: { code: string; errcode: number | null } | null;
};

const fans = (count: number, from = 0) => Array.from({ length: count }, (_, at) => follower(from + at));

const list = (id: string) => rig.get<List>(`/v1/audiences/${id}`);
const ready = (id: string) =>
  until(async () => (await list(id)).state !== "reading" && list(id), { timeoutMs: 30_000 });

async function read(account: string, source: object, query = ""): Promise<List> {
  const answer = await rig.post(`/v1/accounts/${account}/audiences${query}`, source);
  expect(answer).toMatchObject({ status: 202, state: "reading", account, error: null });
  return answer as unknown as List;
}

const remove = (path: string) => ask(rig.url, path, { method: "DELETE" });

describe("followers that are read into a stored list", () => {
  test("are all of an account, or those who have a tag, by its number or its name", async () => {
    const desk = rig.desk("read");
    desk.followers = 20_003;
    desk.tags = { 100: fans(12), 101: fans(7, 100) };
    desk.tagNames = { 星标组: 2, VIP: 101 };
    const all = await read("read", { type: "all" }, "?name=everybody");
    const tag = await read("read", { type: "tag", tagId: 100 });
    const named = await read("read", { type: "tag", name: "VIP" });
    expect(await ready(all.audienceId)).toMatchObject({
      state: "ready",
      received: 20_003,
      name: "everybody",
    });
    expect(await ready(tag.audienceId)).toMatchObject({ state: "ready", received: 12 });
    expect(await ready(named.audienceId)).toMatchObject({
      ...{ state: "ready", received: 7, source: { type: "tag", tagId: 101 } },
    });
    const audience = { type: "list", audienceId: named.audienceId };
    const report = await rig.report(await rig.add("to-read", "read", [], { audience }));
    expect(report.audience).toMatchObject({ received: 7, admitted: 7 });
    expectOnce(desk, "to-read", fans(7, 100));
  }, 60_000);

  test("are refused when there is no such tag, and then no campaign can name them", async () => {
    rig.desk("read").tagScript = [{ errcode: 45159 }];
    const number = await read("read", { type: "tag", tagId: 999 });
    const name = await read("read", { type: "tag", name: "nobody's" });
    expect(await ready(number.audienceId)).toMatchObject({
      ...{ state: "failed", error: { code: "WECHAT_REFUSED", errcode: 45159 } },
    });
    expect(await ready(name.audienceId)).toMatchObject({ state: "failed" });
    const audience = { type: "list", audienceId: name.audienceId };
    const job = await rig.add("of-failed", "read", [], { audience });
    await expect(rig.report(job)).rejects.toThrow("WeChat did not give the followers");
    expect((await remove(`/v1/audiences/${name.audienceId}`)).status).toBe(204);
  });

  test("are of their account: no campaign of another one may name them", async () => {
    rig.desk("read").tags = { 100: fans(3) };
    const { audienceId } = await read("read", { type: "tag", tagId: 100 });
    await ready(audienceId);
    const audience = { type: "list", audienceId };
    const job = await rig.add("of-other", "other", [], { audience });
    await expect(rig.report(job)).rejects.toThrow("another account");
    expect((await remove(`/v1/audiences/${audienceId}`)).status).toBe(204);
  });

  test("are waited for by the campaign that names them, and go on behind the last whole page after a crash", async () => {
    const desk = rig.desk("other");
    desk.followers = 50_007;
    // The fourth page hangs: the worker is killed there.
    desk.followerScript = ["ok", "ok", "ok", "never"];
    const { audienceId } = await read("other", { type: "all" });
    await until(async () => (await list(audienceId)).received === 30_000);
    await until(() => desk.followerPages.length === 4);
    const audience = { type: "list", audienceId };
    const job = await rig.add("waits", "other", [], { audience });
    await rig.shown("waits", ({ state }) => state === "preparing");
    expect((await remove(`/v1/audiences/${audienceId}`)).status).toBe(409);
    const [worker] = rig.workers().slice(-1);
    worker?.kill("SIGKILL");
    await worker?.exited;
    expect(await list(audienceId)).toMatchObject({ state: "reading", received: 30_000 });
    await rig.startWorker();
    expect(await ready(audienceId)).toMatchObject({ state: "ready", received: 50_007 });
    const pages = ["", ...[9_999, 19_999, 29_999, 29_999, 39_999, 49_999, 50_006].map(follower)];
    // Behind them how many followers there are may have been asked for: that is the plan.
    expect(desk.followerPages.slice(0, pages.length)).toEqual(pages);
    const report = await rig.report(job);
    expect(report.audience).toMatchObject({ received: 50_007, duplicate: 0, admitted: 50_007 });
    expectOnce(desk, "waits", fans(50_007));
    expectTrue(desk, "waits", report);
  }, 90_000);

  test("are read no more once the list is removed, and nothing of them is left", async () => {
    const desk = rig.desk("read");
    desk.followers = 30_000;
    desk.followerScript = ["ok", { errcode: -1 }];
    const { audienceId } = await read("read", { type: "all" });
    await until(async () => (await list(audienceId)).error !== null);
    expect(await list(audienceId)).toMatchObject({ state: "reading", received: 10_000 });
    expect((await remove(`/v1/audiences/${audienceId}`)).status).toBe(204);
    await until(async () => !(await rig.client.zrange("{qunfa}:readings", "0", "-1")).includes(audienceId));
    expect(await rig.client.keys(`{qunfa:list:${audienceId}}*`)).toEqual([]);
  });
});

describe("people who are left out", () => {
  test("are those whom a campaign names: inline, a list, a tag", async () => {
    const desk = rig.desk("acme");
    desk.tags = { 100: people(4, 10) };
    const upload = await ask(rig.url, "/v1/audiences", {
      ...{ method: "POST", body: people(3, 5).join("\n"), headers: { "content-type": "text/plain" } },
    });
    const { audienceId } = upload.json() as List;
    const exclude = [
      { type: "openids", openids: [...people(2), "nobody"] },
      { type: "list", audienceId },
      { type: "tag", tagId: 100 },
    ];
    const list = [...people(25), ...people(3), "bad"];
    const job = await rig.add("leaves-out", "acme", list, { exclude });
    const report = await rig.report(job);
    // Two inline, three of the list, four of the tag.
    expect(report.audience).toMatchObject({
      received: 29,
      invalid: 1,
      duplicate: 3,
      excluded: 9,
      admitted: 16,
    });
    expectTrue(desk, "leaves-out", report);
    expectOnce(desk, "leaves-out", [...people(3, 2), ...people(2, 8), ...people(11, 14)]);
    for (const [openid, outcome] of [
      [people(1)[0], "excluded"],
      [people(1, 5)[0], "excluded"],
      [people(1, 10)[0], "excluded"],
      [people(1, 2)[0], "admitted"],
    ] as const)
      expect(await rig.fateOf("leaves-out", openid ?? "")).toMatchObject({ outcome });
    expect(JSON.stringify((await rig.queues.campaigns.getJob("leaves-out"))?.data)).not.toContain("oStory");
    expect((await remove(`/v1/audiences/${audienceId}`)).status).toBe(204);

    const body = { account: "acme", message: { msgtype: "text", text: { content: "x" } } };
    const dryRun = { ...body, audience: { type: "openids", openids: list }, exclude: exclude.slice(0, 1) };
    expect(await rig.post("/v1/campaigns/plan", dryRun)).toMatchObject({
      audience: { received: 29, invalid: 1, duplicate: 3, excluded: 2, admitted: 23 },
    });
    expect(await rig.post("/v1/campaigns/plan", { ...dryRun, exclude })).toMatchObject({
      ...{ status: 422, code: "BAD_CAMPAIGN" },
    });
    const tags = { ...dryRun, exclude: exclude.slice(2) };
    expect(await rig.post("/v1/campaigns/plan", tags)).toMatchObject({
      ...{ audience: null, reason: "AUDIENCE_UNKNOWN" },
    });
  }, 60_000);

  test("can't be where WeChat itself finds the people, and are never all", async () => {
    const exclude = [{ type: "openids", openids: people(2) }];
    const native = await rig.add("native", "acme", [], { audience: { type: "all" }, exclude });
    await expect(rig.report(native)).rejects.toThrow("exclude: can't be kept");
    const all = await rig.add("all-out", "acme", people(2), { exclude: [{ type: "all" }] });
    await expect(rig.report(all)).rejects.toThrow(/exclude\.0/);
  });

  test("are those on the account's do-not-send list, over HTTP", async () => {
    const path = "/v1/accounts/acme/do-not-send";
    const openids = [...people(3, 200), " bad ", people(1, 200)[0]];
    expect(await rig.post(path, { openids })).toEqual({
      ...{ status: 200, received: 5, invalid: 1, added: 3, total: 3 },
    });
    expect(await rig.post(path, { openids: people(5, 201) })).toMatchObject({ added: 3, total: 6 });
    const upload = await ask(rig.url, "/v1/audiences", {
      ...{ method: "POST", body: people(2_000, 300).join("\n"), headers: { "content-type": "text/plain" } },
    });
    const { audienceId } = upload.json() as List;
    expect(await rig.post(path, { audienceId })).toMatchObject({
      received: 2_000,
      added: 2_000,
      total: 2_006,
    });

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { openid: string }[]; nextCursor: string | null } = await rig.get(
        `${path}?limit=200${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...page.items.map(({ openid }) => openid));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.sort()).toEqual([...people(6, 200), ...people(2_000, 300)].sort());

    const [one = ""] = people(1, 200);
    expect(await rig.get(`${path}/${one}`)).toEqual({ openid: one, doNotSend: true });
    expect((await remove(`${path}/${one}`)).status).toBe(204);
    expect((await remove(`${path}/${one}`)).status).toBe(404);
    expect(await rig.get(`${path}/${one}`)).toEqual({ openid: one, doNotSend: false });

    const report = await rig.report(await rig.add("spares", "acme", people(10, 200)));
    expect(report.audience).toMatchObject({ received: 10, excluded: 5, admitted: 5 });
    expectOnce(rig.desk("acme"), "spares", [one, ...people(4, 206)]);
    expect(await rig.fateOf("spares", people(1, 203)[0] ?? "")).toMatchObject({ outcome: "excluded" });
    const body = { account: "acme", message: { msgtype: "text", text: { content: "x" } } };
    expect(
      await rig.post("/v1/campaigns/plan", {
        ...body,
        audience: { type: "openids", openids: people(10, 200) },
      }),
    ).toMatchObject({ audience: { excluded: 5, admitted: 5 } });
  }, 60_000);
});

describe("what is no such body", () => {
  test("gets 4xx, and names nobody", async () => {
    const [openid = ""] = people(1);
    const audiences = "/v1/accounts/acme/audiences";
    const doNotSend = "/v1/accounts/acme/do-not-send";
    const cases: (readonly [number, string, unknown])[] = [
      ...[null, 7, [], {}, openid, { type: openid }, { type: "tag" }, { type: "all", tagId: 1 }].map(
        (body) => [422, audiences, body] as const,
      ),
      ...[{ tagId: 1, name: "VIP" }, { tagId: -1 }, { tagId: 1.5 }, { tagId: "1" }, { name: "" }].map(
        (more) => [422, audiences, { type: "tag", ...more }] as const,
      ),
      [422, audiences, { type: "tag", name: "x".repeat(31) }],
      [422, `${audiences}?color=red`, { type: "all" }],
      [404, "/v1/accounts/nobody/audiences", { type: "all" }],
      ...[null, {}, { openids: [] }, { openids: openid }, { openids: [openid], audienceId: "x" }].map(
        (body) => [422, doNotSend, body] as const,
      ),
      [422, doNotSend, { openids: Array.from({ length: 100_001 }, () => openid) }],
      [422, doNotSend, { audienceId: "there-is-none" }],
      [422, doNotSend, { audienceId: "{}:*" }],
      [404, "/v1/accounts/nobody/do-not-send", { openids: [openid] }],
    ];
    for (const [status, path, body] of cases) {
      const answer = await ask(rig.url, path, {
        ...{ method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } },
      });
      expect({ path, body: JSON.stringify(body).slice(0, 60), status: answer.status }).toEqual({
        ...{ path, body: JSON.stringify(body).slice(0, 60), status },
      });
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(answer.text).not.toContain("oStory");
    }
    for (const [status, path] of [
      [422, `${doNotSend}?cursor=..%2F`],
      [422, `${doNotSend}?cursor=99999.zz`],
      [422, `${doNotSend}/short`],
      [422, `${doNotSend}?limit=0`],
    ] as const)
      expect({ path, status: (await ask(rig.url, path)).status }).toEqual({ path, status });
  });
});
