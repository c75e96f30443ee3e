import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Batch } from "../../src/campaign/batch.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { Failure } from "../../src/failure.ts";
import { newBatch, newCampaign } from "../store/rig.ts";
import { openDoor } from "./door.ts";
import { createTestReviews } from "./review-door.ts";

const at = Date.parse("2031-03-04T12:00:00+08:00");
const iso = "2031-03-04T04:00:00.000Z";
const campaign: Campaign = {
  ...newCampaign("offer", at),
  ...{ state: "partly_completed", version: 1, planned: 2, enqueued: true, sendableAt: at },
};
const batch = {
  ...newBatch(campaign.id, 1),
  ...{ state: "needs_review", calls: 2, closedBy: "resend-window", callAt: at, doubtSince: at, closedAt: at },
  trouble: { code: "WECHAT_UNREACHABLE", message: "no answer" },
} as Batch;
const again = { id: "offer-again-1", state: "preparing" as const, batches: [1], partly: [] };

const asked: unknown[] = [];
const sheet = (number: number) => {
  if (number !== 1) throw new Failure("NOT_FOUND", "There is no such batch.");
  return {
    campaign,
    batch,
    candidates: [{ msgId: "501", receivedAt: at, result: { state: "succeeded" as const } }],
  };
};
const reviews = createTestReviews({
  open: async (_account, page) => {
    asked.push(page);
    return { items: [sheet(1)], next: "offer~1" };
  },
  look: async (_id, number) => sheet(number),
  async settle(id, number, wish) {
    asked.push([id, number, wish]);
    return { ...sheet(number), ...(wish.sendAgain && { again }) };
  },
  async sendAgain(id, wish, by) {
    asked.push([id, wish, by]);
    return again;
  },
  audit: {
    list: async (account, query) => {
      asked.push([account, query]);
      return { items: [{ at, act: "pause", account, who: "ops" }], nextCursor: "1-0" };
    },
  },
});

const key = { name: "sends", key: "send-key", scopes: ["read", "send"] } as const;
const looks = { name: "looks", key: "read-key", scopes: ["read"] } as const;
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ reviews, apiKeys: [key, looks] });
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => door.close());

const headers = { authorization: "Bearer send-key", "content-type": "application/json" };
const get = (path: string) => door.ask(path, { headers });
const post = (path: string, body: unknown, more: object = headers) =>
  door.ask(path, { method: "POST", headers: { ...more }, body: JSON.stringify(body) });
const REVIEW = "/v1/campaigns/offer/batches/1/review";

describe("a batch under review", () => {
  test("is shown with all that is known of it", async () => {
    const { status, json } = await get("/v1/campaigns/offer/batches/1");
    expect(status).toBe(200);
    expect(json()).toEqual({
      ...{
        campaign: "offer",
        account: "acme",
        name: null,
        number: 1,
        size: 2,
        state: "needs_review",
        calls: 2,
      },
      ...{ clientmsgid: batch.clientmsgid, msgId: null, closedBy: "resend-window", counts: null },
      error: { code: "WECHAT_UNREACHABLE", errcode: null, message: "no answer", rid: null },
      ...{ firstDoubtAt: iso, lastCallAt: iso, acceptedAt: null, closedAt: iso },
      candidates: [{ msgId: "501", receivedAt: iso, state: "succeeded", counts: null }],
      ...{ review: null, contradiction: null, sentAgainAs: null },
    });
  });

  test("stands in the list of its account", async () => {
    const { json } = await get("/v1/accounts/acme/reviews?limit=1");
    const { items, nextCursor } = json() as { items: unknown[]; nextCursor: string };
    expect(items).toMatchObject([{ campaign: "offer", number: 1 }]);
    await get(`/v1/accounts/acme/reviews?limit=1&cursor=${nextCursor}`);
    expect(asked).toEqual([{ limit: 1 }, { limit: 1, after: "offer~1" }]);
    expect((await get("/v1/accounts/nobody/reviews")).status).toBe(404);
    expect(await get("/v1/accounts/acme/reviews?cursor=garbage")).toMatchObject({ status: 422 });
    expect(asked).toHaveLength(2);
  });

  test.each(["0", "01", "1.5", "x", "-1", "1234567890", "3"])("is not there: number %s", async (number) => {
    expect((await get(`/v1/campaigns/offer/batches/${number}`)).status).toBe(404);
    expect((await post(`/v1/campaigns/offer/batches/${number}/review`, { verdict: "sent" })).status).toBe(
      404,
    );
  });
});

describe("a verdict", () => {
  test("is signed with the name of the key, and the reason", async () => {
    const { status, json } = await post(REVIEW, { verdict: "sent", msgId: "501", reason: " seen " });
    expect([status, json()]).toMatchObject([200, { number: 1, again: null }]);
    expect(asked).toEqual([
      ["offer", 1, { verdict: "sent", msgId: "501", by: { who: "sends", why: "seen" } }],
    ]);
  });

  test("may send again", async () => {
    const { json } = await post(REVIEW, { verdict: "not-sent", sendAgain: true });
    expect(json()).toMatchObject({ again });
  });

  test.each([
    [{}, "verdict"],
    [{ verdict: "maybe" }, "verdict"],
    [{ verdict: "not-sent", msgId: "501" }, "msgId"],
    [{ verdict: "sent", msgId: "x" }, "msgId"],
    [{ verdict: "sent", sendAgain: true }, "sendAgain"],
    [{ verdict: "sent", reason: "x".repeat(501) }, "reason"],
    [{ verdict: "sent", force: true }, "force"],
  ])("of another shape is refused: %j", async (body, path) => {
    const { status, json } = await post(REVIEW, body);
    expect([status, json()]).toMatchObject([422, { errors: [{ path }] }]);
    expect(asked).toEqual([]);
  });

  test("needs the scope send", async () => {
    const reader = { ...headers, authorization: "Bearer read-key" };
    expect((await post(REVIEW, { verdict: "sent" }, reader)).status).toBe(403);
    expect((await post("/v1/campaigns/offer/send-again", {}, reader)).status).toBe(403);
    expect(asked).toEqual([]);
  });
});

test("the rest of a campaign is sent again: 202 with its address", async () => {
  const { status, headers: told, json } = await post("/v1/campaigns/offer/send-again", { partly: true });
  expect([status, told.location, json()]).toEqual([202, "/v1/campaigns/offer-again-1", again]);
  expect(asked).toEqual([["offer", { partly: true }, { who: "sends", why: undefined }]]);
  expect((await post("/v1/campaigns/offer/send-again", { all: true })).status).toBe(422);
});

test("the audit log is read in pages, of one campaign too", async () => {
  const { json } = await get("/v1/accounts/acme/audit?campaign=offer&limit=2");
  const entry = { at: iso, act: "pause", account: "acme", campaign: null, batch: null, who: "ops" };
  expect(json()).toEqual({ items: [{ ...entry, why: null, details: {} }], nextCursor: "1-0" });
  expect(asked).toEqual([["acme", { campaign: "offer", limit: 2 }]]);
});
