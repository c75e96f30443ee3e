import { describe, expect, test } from "vitest";
import { createRecalls } from "../../src/store/recalls.ts";
import { minute, second } from "../store/rig.ts";
import { articles, film, openDeskRig } from "./desk-rig.ts";

const path = (id: string) => `/v1/campaigns/${id}/recall`;
const hello = { msgtype: "text", text: { content: "Hello" } } as const;

describe("GET /v1/campaigns/{id}/recall, and a dry run", () => {
  test("tell what would go and what can't, without a call", async () => {
    const { ask, sent, rig, arrived } = await openDeskRig();
    const [msgId] = await sent("offer", [articles("one"), articles("two"), articles("three")]);
    const batch = (number: number) => rig.keys.batch("acme", "offer" as never, number);
    await rig.redis.hset(batch(2), "state", "failed");
    await rig.redis.hset(batch(3), "state", "needs_review");
    const plan = {
      id: "offer",
      account: "acme",
      state: "completed",
      articleIdx: null,
      mustCancel: false,
      messages: [{ number: 1, msgId, recalledAt: null, inDoubt: false, error: null }],
      cannot: [
        { number: 2, reason: "FAILED", message: expect.any(String) },
        { number: 3, reason: "IN_DOUBT", message: expect.any(String) },
      ],
      deletes: { needed: 1, left: 10, resetsAt: "2031-03-04T16:00:00.000Z" },
      sharing: { campaigns: [], lookedAt: 1, more: false },
      notice: expect.stringContaining("keeps its card"),
    };
    const before = await rig.dump();
    expect(await ask("GET", path("offer"))).toEqual({ status: 200, body: plan });
    expect(await ask("POST", path("offer"), { dryRun: true })).toEqual({ status: 200, body: plan });
    expect(await rig.dump()).toEqual(before);
    expect(await arrived("mass/delete")).toBe(0);
  });

  test("take no parameter that they do not have", async () => {
    const { ask, sent } = await openDeskRig();
    await sent("offer", [articles("one")]);
    for (const [method, body] of [["GET"], ["POST", { dryRun: true }]] as const)
      expect(await ask(method, `${path("offer")}?dryRun=1`, body)).toMatchObject({
        status: 422,
        body: { errors: [{ path: "dryRun", message: "no such parameter" }] },
      });
  });

  test("name the other campaigns of the account that were sent of the same material", async () => {
    const { ask, sent, rig } = await openDeskRig();
    await sent("first", [articles("same")]);
    await sent("second", [articles("same")]);
    await sent("other", [articles("other")]);
    await sent("text", [hello]);
    await rig.prepare("not-sent", { message: articles("same") });
    // A later send names the first one's msg_data_id in place of its draft.
    await sent("later", [articles("1234567890123")]);
    await rig.redis.hset(rig.keys.batch("acme", "first" as never, 1), "msgDataId", "1234567890123");
    expect(await ask("GET", path("first"))).toMatchObject({
      body: {
        sharing: {
          campaigns: expect.arrayContaining([
            { id: "second", name: null, state: "completed" },
            { id: "later", name: null, state: "completed" },
          ]),
          lookedAt: 6,
          more: false,
        },
      },
    });
    const { body } = await ask("GET", path("first"));
    expect((body.sharing as { campaigns: unknown[] }).campaigns).toHaveLength(2);
  });
});

describe("POST /v1/campaigns/{id}/recall", () => {
  test("has WeChat delete each message once, however often it is asked", async () => {
    const { ask, sent, status, arrived, rig } = await openDeskRig();
    const msgIds = await sent("offer", [articles("one"), articles("two")]);
    const asked = await arrived("mass/get");
    expect(await ask("POST", path("offer"), {})).toMatchObject({
      status: 200,
      body: {
        done: true,
        stopped: null,
        messages: msgIds.map((msgId) => ({ msgId, recalledAt: "2031-03-04T04:00:00.000Z" })),
        deletes: { needed: 0, left: 8 },
      },
    });
    // Of the second one alone: it could have gone with the first.
    expect((await arrived("mass/get")) - asked).toBe(1);
    for (const msgId of msgIds) expect(await status(msgId)).toBe("DELETE");
    rig.clock.advance(minute);
    expect(await ask("POST", path("offer"), {})).toMatchObject({ body: { done: true } });
    expect(await arrived("mass/delete")).toBe(2);
    expect(await ask("GET", "/v1/campaigns/offer/batches")).toMatchObject({
      body: { items: [{ recalledAt: "2031-03-04T04:00:00.000Z" }, {}] },
    });
  });

  test("makes no call for a message that went with another of the same material", async () => {
    const { ask, sent, arrived } = await openDeskRig();
    await sent("offer", [film("same"), film("same"), film("same")]);
    expect(await ask("POST", path("offer"), {})).toMatchObject({
      body: { done: true, deletes: { needed: 0, left: 9 } },
    });
    expect(await arrived("mass/delete")).toBe(1);
  });

  test("takes back a single article, and that once", async () => {
    const { ask, sent, status, arrived } = await openDeskRig();
    const [msgId = ""] = await sent("offer", [articles("one")]);
    expect(await ask("POST", path("offer"), { articleIdx: 1 })).toMatchObject({
      body: { done: true, articleIdx: 1 },
    });
    expect(await ask("POST", path("offer"), { articleIdx: 1 })).toMatchObject({ body: { done: true } });
    expect(await arrived("mass/delete")).toBe(1);
    expect(await status(msgId)).toBe("DELETE");
    expect(await ask("GET", "/v1/campaigns/offer/batches")).toMatchObject({
      body: {
        items: [
          { recalledAt: null, recalledArticles: [{ articleIdx: 1, recalledAt: "2031-03-04T04:00:00.000Z" }] },
        ],
      },
    });
  });

  test("stops where the day's deletes end, tells what is left, and goes on the next day", async () => {
    const { ask, sent, arrived, rig } = await openDeskRig({ limits: { deleteCallsPerDay: 2 } });
    await sent("offer", [articles("one"), articles("two"), articles("three")]);
    const until = "2031-03-04T16:00:00.000Z";
    for (let time = 0; time < 2; time++)
      expect(await ask("POST", path("offer"), {})).toMatchObject({
        status: 200,
        body: {
          done: false,
          stopped: { reason: "daily-quota", until, error: { code: "RECALL_STOPPED" } },
          messages: [
            { recalledAt: expect.any(String) },
            { recalledAt: expect.any(String) },
            { recalledAt: null },
          ],
          deletes: { needed: 1, left: 0 },
        },
      });
    expect(await arrived("mass/delete")).toBe(2);
    rig.clock.set("2031-03-05T00:00:30+08:00");
    expect(await ask("POST", path("offer"), {})).toMatchObject({ body: { done: true, stopped: null } });
    expect(await arrived("mass/delete")).toBe(3);
  });

  test("asks WeChat first where the answer to a delete was lost, and deletes nothing twice", async () => {
    const { ask, sent, stage, arrived } = await openDeskRig();
    await sent("offer", [articles("one"), articles("two")]);
    await stage("/faults", { api: "mass/delete", fault: "answer-lost" });
    expect(await ask("POST", path("offer"), {})).toMatchObject({
      status: 200,
      body: {
        done: false,
        stopped: { reason: "unclear" },
        messages: [{ inDoubt: true }, { inDoubt: false }],
      },
    });
    expect(await ask("POST", path("offer"), {})).toMatchObject({ body: { done: true } });
    expect(await arrived("mass/delete")).toBe(2);
  });

  test("asks again where the lost call had no effect", async () => {
    const { ask, sent, stage, arrived } = await openDeskRig();
    await sent("offer", [articles("one")]);
    await stage("/faults", { api: "mass/delete", fault: "reset" });
    expect(await ask("POST", path("offer"), {})).toMatchObject({ body: { done: false } });
    expect(await ask("POST", path("offer"), {})).toMatchObject({ body: { done: true } });
    expect(await arrived("mass/delete")).toBe(2);
  });

  test("lets one process call at a time; one that died is made up for when its time is over", async () => {
    const { ask, sent, arrived, rig, elsewhere } = await openDeskRig();
    const [msgId] = await sent("offer", [articles("one")]);
    // As a process leaves it that dies behind its call: the right taken, the outcome not noted.
    const address = { account: "acme", campaign: "offer" as never, number: 1 };
    const now = rig.clock.now();
    expect(
      await createRecalls(rig.redis, rig.keys).begin(
        address,
        { articleIdx: 0, until: now + 9 * second },
        now,
      ),
    ).toMatchObject({ word: "go" });
    await elsewhere("message/mass/delete", { msg_id: Number(msgId), article_idx: 0 });
    expect(await ask("POST", path("offer"), {})).toMatchObject({
      body: {
        done: false,
        stopped: { reason: "under-way", until: "2031-03-04T04:00:09.000Z" },
        messages: [{ recalledAt: null, inDoubt: true }],
      },
    });
    rig.clock.advance(9 * second);
    expect(await ask("POST", path("offer"), {})).toMatchObject({ body: { done: true } });
    expect(await arrived("mass/delete")).toBe(1);
  });

  test("takes a message that somebody else has deleted for recalled", async () => {
    const { ask, sent, elsewhere, stage } = await openDeskRig();
    const [msgId] = await sent("offer", [articles("one")]);
    await elsewhere("message/mass/delete", { msg_id: Number(msgId), article_idx: 0 });
    expect(await ask("POST", path("offer"), {})).toMatchObject({ body: { done: true } });
    await sent("wrong", [articles("two"), articles("three")]);
    await stage("/faults", { api: "mass/delete", fault: "errcode", errcode: 40204 });
    expect(await ask("POST", path("wrong"), {})).toMatchObject({
      body: {
        done: false,
        stopped: null,
        messages: [{ error: { code: "RECALL_REFUSED", errcode: 40204 } }, { recalledAt: expect.any(String) }],
      },
    });
  });

  test("is refused while it still sends, and for what WeChat never takes back", async () => {
    const { ask, sent, rig, arrived } = await openDeskRig();
    await rig.plan("going", [2]);
    expect(await ask("POST", path("going"), {})).toMatchObject({
      status: 409,
      body: { code: "ILLEGAL_MOVE", allowed: ["pause", "cancel"] },
    });
    expect(await ask("GET", path("going"))).toMatchObject({ body: { mustCancel: true } });
    await sent("text", [hello]);
    expect(await ask("GET", path("text"))).toMatchObject({
      body: { messages: [], cannot: [{ number: 1, reason: "KIND" }], deletes: { needed: 0 } },
    });
    expect(await ask("POST", path("text"), {})).toMatchObject({ status: 409, body: { allowed: [] } });
    await sent("film", [film("one")]);
    expect(await ask("POST", path("film"), { articleIdx: 1 })).toMatchObject({
      status: 422,
      body: { errors: [{ path: "articleIdx" }] },
    });
    expect(await arrived("mass/delete")).toBe(0);
    expect(await ask("POST", path("nothing"), {})).toMatchObject({ status: 404 });
    expect(await ask("POST", path("film"), { articleIdx: 0 })).toMatchObject({ status: 422 });
  });
});
