import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDoor } from "./door.ts";
import { batch, campaign, createLedger, ended, openid } from "./ledger.ts";

const store = createLedger();
let door: Awaited<ReturnType<typeof openDoor>>;
const body = async (path: string) => (await door.ask(path)).json() as Record<string, unknown>;

const done = [
  batch("done", 1, { state: "succeeded", msgId: "9007199254740993", closedBy: "callback", calls: 1 }),
  batch("done", 2, { state: "succeeded", msgId: "9007199254740994", closedBy: "poll", calls: 2 }),
];

beforeAll(async () => {
  store.campaigns.push(
    campaign("newest", { account: "beta", name: "Spring", metadata: { ticket: "MKT-1" } }),
    campaign("held", { planned: 3 }),
    ended("done", done).campaign,
    campaign("stopped", { planned: 1, stopped: { code: "err(10001)", message: "refused by the audit" } }),
  );
  const quota = { reason: "daily-quota" as const, until: Date.UTC(2026, 2, 2, 16) };
  const away = { code: "ACCOUNT", errcode: 48001, message: "no right", rid: "65a0-1" };
  store.batches.push(
    batch("held", 3, { wait: { reason: "account", until: null, trouble: away }, trouble: away }),
    batch("held", 1, { state: "accepted", msgId: "12", calls: 1, acceptedAt: Date.UTC(2026, 2, 2, 1) }),
    batch("held", 2, { wait: quota }),
    batch("stopped", 1, {}),
    ...done,
  );
  store.people.set(openid("admitted"), { outcome: "admitted", batch: 1 });
  store.people.set("not an openid", { outcome: "invalid" });
  store.people.set(openid("capped"), { outcome: "capped" });
  door = await openDoor({ ledger: store.ledger });
});
afterAll(() => door.close());

describe("GET /v1/campaigns", () => {
  const ids = async (path: string) => ((await body(path)).items as { id: string }[]).map(({ id }) => id);

  test("lists the newest first, and page after page with its cursor", async () => {
    const first = await body("/v1/campaigns?limit=2");
    expect(first).toMatchObject({ items: [{ id: "newest" }, { id: "held" }], nextCursor: "held" });
    const second = await body(`/v1/campaigns?limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ items: [{ id: "done" }, { id: "stopped" }], nextCursor: null });
  });

  test("filters by account and state", async () => {
    expect(await ids("/v1/campaigns?account=beta")).toEqual(["newest"]);
    expect(await ids("/v1/campaigns?state=completed")).toEqual(["done"]);
    expect(await ids("/v1/campaigns?account=beta&state=completed")).toEqual([]);
  });

  test("shows each campaign as its own page does", async () => {
    const { items } = await body("/v1/campaigns");
    expect(items).toEqual(await Promise.all(store.campaigns.map(({ id }) => body(`/v1/campaigns/${id}`))));
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=ten", "limit"],
    ["limit=1.5", "limit"],
    ["limit=", "limit"],
    ["limit=1&limit=2", "limit"],
    ["state=done", "state"],
    ["account=ACME", "account"],
    ["cursor=", "cursor"],
    ["cursor=nonsense", "cursor"],
    ["page=2", "page"],
  ])("answers 422 and names the parameter for ?%s", async (query, path) => {
    const { status, headers, json } = await door.ask(`/v1/campaigns?${query}`);
    expect(status).toBe(422);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(json()).toMatchObject({
      code: "INVALID_PARAMETER",
      errors: [{ path, message: expect.any(String) }],
    });
  });

  test("names every wrong parameter at once, and repeats no value", async () => {
    const { text, json } = await door.ask("/v1/campaigns?limit=0&state=secretvalue&page=2");
    expect((json() as { errors: unknown[] }).errors).toHaveLength(3);
    expect(text).not.toContain("secretvalue");
  });
});

describe("GET /v1/campaigns/{id}", () => {
  test("shows all fields, null where there is nothing", async () => {
    const none = { planned: 0, succeeded: 0, failed: 0, needsReview: 0, canceled: 0 };
    expect(await body("/v1/campaigns/newest")).toEqual({
      id: "newest",
      account: "beta",
      name: "Spring",
      state: "sending",
      waitingFor: null,
      progress: {
        percent: 0,
        batches: none,
        recipients: { submitted: 0, total: 0, filtered: 0, sent: 0, failed: 0 },
      },
      report: null,
      createdAt: "2026-03-02T00:00:00.000Z",
      notification: null,
      metadata: { ticket: "MKT-1" },
    });
    expect(await body("/v1/campaigns/held")).toMatchObject({ name: null, report: null });
    expect(await body("/v1/campaigns/held")).not.toHaveProperty("metadata");
  });

  test("waits for what passes first, with the time in ISO 8601", async () => {
    expect(await body("/v1/campaigns/held")).toMatchObject({
      state: "waiting",
      waitingFor: { reason: "daily-quota", until: "2026-03-02T16:00:00.000Z" },
    });
  });

  test("says what WeChat said when a person must act", async () => {
    expect((await body("/v1/campaigns/stopped")).waitingFor).toEqual({
      reason: "content",
      until: null,
      code: "err(10001)",
      message: "refused by the audit",
    });
  });

  test("hands out the report once it has ended, and the progress that fits it", async () => {
    const { report } = ended("done", done);
    expect(await body("/v1/campaigns/done")).toMatchObject({
      state: "completed",
      waitingFor: null,
      report,
      progress: { percent: 100, batches: report.batches, recipients: report.recipients },
    });
  });

  test.each(["nobody", "..%2F..", "a%20b", "%00", "x".repeat(129), "%zz", "__proto__"])(
    "answers 404 for the id %s",
    async (id) => {
      const { status, json } = await door.ask(`/v1/campaigns/${id}`);
      expect(status).toBe(404);
      expect(json()).toMatchObject({ code: "NOT_FOUND", status: 404 });
    },
  );

  test("answers 422 for a parameter that it does not have", async () => {
    expect((await door.ask("/v1/campaigns/done?verbose=1")).status).toBe(422);
  });

  test("answers HEAD like GET, without the body", async () => {
    const { status, headers, text } = await door.ask("/v1/campaigns/done", { method: "HEAD" });
    expect([status, headers["content-type"], text]).toEqual([200, "application/json", ""]);
    expect((await door.ask("/v1/campaigns/nobody", { method: "HEAD" })).status).toBe(404);
  });
});

describe("GET /v1/campaigns/{id}/batches", () => {
  test("shows all fields of a batch, null where there is nothing", async () => {
    const { items } = await body("/v1/campaigns/held/batches");
    expect(items).toEqual([
      {
        number: 1,
        state: "accepted",
        size: 2,
        clientmsgid: `${"0".repeat(31)}1`,
        msgId: "12",
        closedBy: null,
        counts: null,
        error: null,
        originality: null,
        articleUrls: [],
        calls: 1,
        acceptedAt: "2026-03-02T01:00:00.000Z",
        closedAt: null,
        recalledAt: null,
        ...{ review: null, contradiction: null, sentAgainAs: null },
      },
      expect.objectContaining({ number: 2, msgId: null, acceptedAt: null }),
      expect.objectContaining({
        number: 3,
        error: { code: "ACCOUNT", errcode: 48001, message: "no right", rid: "65a0-1" },
      }),
    ]);
  });

  test("goes through them in order, page after page", async () => {
    const pages = [];
    let cursor = "";
    do {
      const page = await body(`/v1/campaigns/held/batches?limit=1${cursor}`);
      pages.push(page);
      cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`;
    } while (cursor);
    expect(pages).toMatchObject([
      { items: [{ number: 1 }], nextCursor: "1" },
      { items: [{ number: 2 }], nextCursor: "2" },
      { items: [{ number: 3 }], nextCursor: null },
    ]);
  });

  test("is empty behind the last one", async () => {
    expect(await body("/v1/campaigns/held/batches?cursor=3")).toEqual({ items: [], nextCursor: null });
  });

  test.each(["cursor=x", "cursor=-1", "limit=0", "state=sent"])("answers 422 for ?%s", async (query) => {
    expect((await door.ask(`/v1/campaigns/held/batches?${query}`)).status).toBe(422);
  });

  test("answers 404 for a campaign that is not there", async () => {
    expect((await door.ask("/v1/campaigns/nobody/batches")).status).toBe(404);
  });
});

describe("GET /v1/campaigns/{id}/recipients/{openid}", () => {
  const recipient = (openid: string) => body(`/v1/campaigns/held/recipients/${openid}`);

  test("tells the batch of an admitted person and how it stands", async () => {
    const person = openid("admitted");
    const expected = { openid: person, outcome: "admitted", batch: 1, state: "accepted" };
    expect(await recipient(person)).toEqual(expected);
  });

  test("tells the outcome of a person who is in no batch", async () => {
    expect(await recipient(openid("capped"))).toMatchObject({ outcome: "capped", batch: null, state: null });
    expect(await recipient(openid("stranger"))).toMatchObject({
      outcome: "absent",
      batch: null,
      state: null,
    });
  });

  test("finds a malformed entry of the list as it stood there", async () => {
    const expected = { openid: "not an openid", outcome: "invalid", batch: null, state: null };
    expect(await recipient("not%20an%20openid")).toEqual(expected);
  });

  test.each(["short", "x".repeat(65), "o".repeat(19), `${"o".repeat(20)} o`, "中".repeat(3)])(
    "answers 404 for %s, which is neither an OpenID nor in the list",
    async (id) => {
      const { status, json } = await door.ask(`/v1/campaigns/held/recipients/${encodeURI(id)}`);
      expect([status, (json() as { code: string }).code]).toEqual([404, "NOT_FOUND"]);
    },
  );

  test("answers 404 for a campaign that is not there", async () => {
    expect((await door.ask(`/v1/campaigns/nobody/recipients/${openid("admitted")}`)).status).toBe(404);
  });
});
