import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openDoor } from "./door.ts";
import { createMoves } from "./moves.ts";

const { moves, made, signed } = createMoves();
const apiKeys = [
  { name: "looks", key: "read-key", scopes: ["read"] },
  { name: "sends", key: "send-key", scopes: ["send"] },
  { name: "rules", key: "admin-key", scopes: ["admin"] },
] as const;

let door: Awaited<ReturnType<typeof openDoor>>;
let locked: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ moves });
  locked = await openDoor({ moves, apiKeys });
});
beforeEach(() => {
  made.length = 0;
});
afterAll(() => Promise.all([door.close(), locked.close()]));

const post = (path: string, body?: string) =>
  door.ask(path, { method: "POST", ...(body !== undefined && { body }) });

describe("a campaign is moved", () => {
  test.each([
    ["pause", "paused"],
    ["resume", "sending"],
    ["cancel", "canceling"],
  ])("by POST …/%s, and the state that it has now is answered", async (move, state) => {
    const { status, json } = await post(`/v1/campaigns/offer/${move}`);
    expect([status, json()]).toEqual([200, { id: "offer", state }]);
    expect(made).toEqual([`${move} offer`]);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/problem+json"])(
    "not with a body that says it is %s: 415, so that no reason is lost; without a body it may say so",
    async (type) => {
      const say = (body: string) =>
        door.ask("/v1/campaigns/offer/pause", { method: "POST", headers: { "content-type": type }, body });
      expect((await say('{"reason":"typo"}')).status).toBe(415);
      expect(made).toEqual([]);
      expect((await say("")).status).toBe(200);
    },
  );

  test("with the reason that its JSON gives; one of another shape is refused", async () => {
    const headers = { "content-type": "application/json" };
    const say = (body: string) => door.ask("/v1/campaigns/offer/pause", { method: "POST", headers, body });
    expect((await say('{"reason":"typo"}')).status).toBe(200);
    expect(signed.at(-1)).toEqual({ who: "local", why: "typo" });
    expect((await say("")).status).toBe(200);
    expect(signed.at(-1)).toEqual({ who: "local", why: undefined });
    expect((await say("{")).status).toBe(400);
    expect((await say('{"cause":"typo"}')).status).toBe(422);
    expect(made).toHaveLength(2);
  });

  test("not when there is none, or its id can't be one: 404", async () => {
    for (const id of ["gone", "a~1", "%2e%2e", "x".repeat(129)]) {
      const { status, json } = await post(`/v1/campaigns/${id}/cancel`);
      expect([status, (json() as { code: string }).code]).toEqual([404, "NOT_FOUND"]);
    }
    expect(made).toEqual([]);
  });

  test.each([
    ["paused", "pause", ["resume", "cancel"]],
    ["done", "cancel", []],
  ])("not when it is %s: 409 to %s, with the moves that it takes", async (id, move, allowed) => {
    const { status, headers, json } = await post(`/v1/campaigns/${id}/${move}`);
    expect(status).toBe(409);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(json()).toMatchObject({ code: "ILLEGAL_MOVE", status: 409, allowed });
  });

  test("not with a query that says something: 422", async () => {
    expect((await post("/v1/campaigns/offer/pause?for=1h")).status).toBe(422);
  });

  test("not by GET: 405 with Allow", async () => {
    const { status, headers } = await door.ask("/v1/campaigns/offer/pause");
    expect([status, headers.allow]).toEqual([405, "POST"]);
  });
});

describe("an account is moved", () => {
  test.each([
    ["pause", "paused"],
    ["resume", "active"],
  ])("by POST …/%s", async (move, state) => {
    const { status, json } = await post(`/v1/accounts/acme/${move}`);
    expect([status, json()]).toEqual([200, { account: "acme", state }]);
  });

  test("not when there is none: 404", async () => {
    for (const account of ["nobody", "ACME", "a~1"])
      expect((await post(`/v1/accounts/${account}/pause`)).status).toBe(404);
  });

  test("never canceled: 404", async () => {
    expect((await post("/v1/accounts/acme/cancel")).status).toBe(404);
  });
});

describe("the scope", () => {
  const status = async (path: string, key?: string) =>
    (await locked.ask(path, { method: "POST", headers: key ? { authorization: `Bearer ${key}` } : {} }))
      .status;

  test.each(["pause", "resume", "cancel"])("of a campaign's %s is send", async (move) => {
    const path = `/v1/campaigns/offer/${move}`;
    expect(await status(path)).toBe(401);
    expect(await status(path, "read-key")).toBe(403);
    expect(await status(path, "admin-key")).toBe(403);
    expect(await status(path, "send-key")).toBe(200);
  });

  test.each(["pause", "resume"])("of an account's %s is admin", async (move) => {
    const path = `/v1/accounts/acme/${move}`;
    expect(await status(path)).toBe(401);
    expect(await status(path, "send-key")).toBe(403);
    expect(await status(path, "admin-key")).toBe(200);
  });
});
