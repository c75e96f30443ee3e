import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createUnclaimed } from "../../src/store/unclaimed.ts";
import { createBookingRig, person, persons } from "../store/booking-rig.ts";
import { limited } from "../store/quota-rig.ts";
import { account, hour, openRig, second, succeeded, trouble } from "../store/rig.ts";
import { type Answer, openDoor } from "./door.ts";

const noList = "0b8f7a52-6f0c-4d6e-9c59-3f1f8f9c2d11";

const rig = openRig();
const desk = createBookingRig(rig);
const path = `/v1/accounts/${account}/external-sends`;
const counts = { total: 30_000, filtered: 10, sent: 29_980, failed: 10 };
let door: Awaited<ReturnType<typeof openDoor>>;

beforeAll(async () => {
  door = await openDoor({
    accounts: new Map([[account, limited({ perUserPerMonth: 3 })]]),
    caps: desk.caps,
    externalSends: desk.bookings,
    clock: rig.clock,
    apiKeys: [
      { name: "reader", key: "r", scopes: ["read", "send"] },
      { name: "boss", key: "a", scopes: ["admin", "read"] },
    ],
  });
});
afterAll(async () => {
  await door.close();
  await rig.quit();
});

const boss = { authorization: "Bearer a" };
const get = (where: string) => door.ask(where, { headers: boss });
const post = (body: unknown, headers: Record<string, string> = {}, where = path): Promise<Answer> =>
  door.ask(where, {
    method: "POST",
    headers: { ...boss, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const all = { audience: { type: "all" } };
const listOf = (openids: unknown[]) => ({ audience: { type: "openids", openids } as const });

describe("POST external-sends", () => {
  test("books a list: 201, then 200 with the same answer for the same key", async () => {
    const body = { ...listOf([person(1), person(2), person(2), "nobody"]), note: "console, 4 March" };
    const first = await post(body, { "idempotency-key": "march-4" });
    expect(first.status).toBe(201);
    expect(first.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      account,
      month: "2031-03",
      msgId: null,
      audience: { type: "openids", received: 4, invalid: 1, duplicate: 1, booked: 2 },
      note: "console, 4 March",
      bookedAt: new Date(rig.clock.now()).toISOString(),
    });
    const again = await post(body, { "idempotency-key": "march-4" });
    expect(again.status).toBe(200);
    expect(again.json()).toEqual(first.json());
    expect((await get(`/v1/accounts/${account}/caps/${person(2)}`)).json()).toEqual({
      month: "2031-03",
      used: 1,
      left: 2,
      limit: 3,
    });
  });

  test("books everybody, and a msg_id once", async () => {
    const first = await post({ ...all, msgId: "9007199254740993" });
    expect(first.status).toBe(201);
    expect(first.json()).toMatchObject({
      msgId: "9007199254740993",
      audience: { type: "all", booked: null },
    });
    const again = await post({ ...listOf([person(1)]), msgId: "9007199254740993" });
    expect(again.status).toBe(200);
    expect(again.json()).toEqual(first.json());
    expect((await get(`/v1/accounts/${account}/caps`)).json()).toEqual({
      month: "2031-03",
      users: { 1: 0, 2: 2, 3: 0, 4: 0 },
      base: 1,
      followers: null,
    });
  });

  test("answers 409 to a key used with another body", async () => {
    await post(all, { "idempotency-key": "k" });
    const { status, json } = await post({ ...all, note: "other" }, { "idempotency-key": "k" });
    expect({ status, code: (json() as { code: string }).code }).toEqual({ status: 409, code: "ID_REUSED" });
  });

  test("answers 409 to a msg_id of a batch of ours, or of one in doubt", async () => {
    const batch = await rig.planOne("in-doubt");
    await rig.go(batch);
    const doubt = await post({ ...all, msgId: "77" });
    expect(doubt.status).toBe(409);
    expect(doubt.json()).toMatchObject({
      code: "MSG_ID_IN_DOUBT",
      detail: expect.stringContaining("in-doubt~1"),
    });
    await rig.accept(batch, "77");
    const owned = await post({ ...all, msgId: "77" });
    expect(owned.status).toBe(409);
    expect(owned.json()).toMatchObject({ code: "MSG_ID_OWNED" });
  });

  test.each(["", "with space", "..", "x".repeat(129), "é"])("answers 400 to the key %j", async (key) => {
    const { status, json } = await post(all, { "idempotency-key": key });
    expect(status).toBe(400);
    expect(json()).toMatchObject({ code: "BAD_REQUEST" });
  });

  test("takes a msg_id as a number too, and it is the same as in quotes", async () => {
    const first = await post({ ...all, msgId: 3147483649 });
    expect(first.status).toBe(201);
    expect(first.json()).toMatchObject({ msgId: "3147483649" });
    expect((await post({ ...all, msgId: "3147483649" })).status).toBe(200);
  });

  test.each<[string, unknown, string]>([
    ["no audience", {}, "audience"],
    ["a kind of audience that there is not", { audience: { type: "some" } }, "audience.type"],
    ["a tag", { audience: { type: "tag", tagId: 100 } }, "audience"],
    ["a list whose id can't be one", { audience: { type: "list", audienceId: "x" } }, "audience.audienceId"],
    ["a list that is not there", { audience: { type: "list", audienceId: noList } }, "audience.audienceId"],
    ["an empty list", listOf([]), "audience.openids"],
    ["a list of nobody", listOf(["nobody", 7]), "audience.openids"],
    ["a list that is too long", listOf(new Array(100_001).fill("o")), "audience.openids"],
    ["a list for everybody", { audience: { type: "all", openids: [person(1)] } }, "audience.openids"],
    ["a msg_id that a JSON number can't carry", { ...all, msgId: 2 ** 53 }, "msgId"],
    ["a msg_id with a fraction", { ...all, msgId: 7.5 }, "msgId"],
    ["a msg_id that is no number", { ...all, msgId: "7x" }, "msgId"],
    ["a msg_id that is another written otherwise", { ...all, msgId: "0077" }, "msgId"],
    ["a note that is too long", { ...all, note: "x".repeat(501) }, "note"],
    ["a note that is no text", { ...all, note: "half \ud83d" }, "note"],
    ["a field that is another everywhere", { ...all, ...JSON.parse('{"__proto__":1}') }, "__proto__"],
    ["another field", { ...all, [person(5)]: 1 }, "…"],
    ["no object", [], "data"],
  ])("answers 422 to %s, names it, and repeats no OpenID", async (_what, body, place) => {
    const { status, text, json } = await post(body);
    expect(status).toBe(422);
    expect(json()).toMatchObject({ code: "INVALID_PARAMETER", errors: [{ path: place }] });
    expect(text).not.toContain("oBook_");
  });

  test("answers 415, 400, 404, 403, 401 and 405 as every call does", async () => {
    expect((await post(all, { "content-type": "text/plain" })).status).toBe(415);
    expect((await post("{")).status).toBe(400);
    expect((await post(all, {}, "/v1/accounts/nobody/external-sends")).status).toBe(404);
    expect((await post(all, { authorization: "Bearer r" })).status).toBe(403);
    expect((await post(all, { authorization: "Bearer x" })).status).toBe(401);
    expect((await door.ask(path, { method: "PUT", headers: boss })).status).toBe(405);
    expect((await post(all, {}, `${path}?dry=1`)).status).toBe(422);
  });

  test("logs no OpenID", () => {
    expect(door.lines.length).toBeGreaterThan(10);
    expect(JSON.stringify(door.lines)).not.toContain("oBook_");
  });
});

describe("GET external-sends", () => {
  const items = async () => (await get(path)).json() as { items: { msgId: string }[]; total: number };

  test("lists what no batch owns, newest first: what WeChat said, and whether it is or may be booked", async () => {
    await rig.batches.deliver(account, "1001", { ...succeeded, counts }, rig.clock.now());
    rig.clock.advance(second);
    const refused = { ...succeeded, state: "failed", trouble } as const;
    await rig.batches.deliver(account, "1002", refused, rig.clock.now());
    const booked = (await post({ ...all, msgId: "1001" })).json() as { id: string; bookedAt: string };
    const at = new Date(rig.clock.now()).toISOString();
    expect(await items()).toEqual({
      items: [
        {
          msgId: "1002",
          receivedAt: at,
          result: { state: "failed", counts: null, error: { ...trouble, rid: null } },
          bookable: true,
          booked: null,
        },
        {
          msgId: "1001",
          receivedAt: new Date(rig.clock.now() - second).toISOString(),
          result: { state: "succeeded", counts, error: null },
          bookable: false,
          booked: {
            id: booked.id,
            at: booked.bookedAt,
            audience: { type: "all", received: null, invalid: null, duplicate: null, booked: null },
            note: null,
          },
        },
      ],
      nextCursor: null,
      total: 2,
    });
  });

  test("offers nothing that a batch in doubt could own", async () => {
    rig.clock.advance(hour);
    const batch = await rig.planOne("later");
    await rig.go(batch);
    await desk.comes("1003");
    expect((await items()).items).toMatchObject([
      { msgId: "1003", bookable: false },
      { msgId: "1002", bookable: true },
      { msgId: "1001", bookable: false },
    ]);
    await rig.accept(batch, "1004");
    expect((await items()).items[0]).toMatchObject({ msgId: "1003", bookable: true });
  });

  test("offers a booking that a crash cut short, until its repeat has finished it", async () => {
    const list = listOf(persons(40, 100));
    await desk.crash({ ...list, msgId: "1003" }, 3);
    expect((await items()).items[0]).toMatchObject({ msgId: "1003", bookable: true, booked: null });
    expect((await post({ ...list, msgId: "1003" })).status).toBe(200);
    expect((await items()).items[0]).toMatchObject({ bookable: false, booked: { audience: { booked: 40 } } });
  });

  test("comes in pages", async () => {
    const first = (await get(`${path}?limit=2`)).json() as { nextCursor: string };
    expect(first).toMatchObject({ items: [{ msgId: "1003" }, { msgId: "1002" }], total: 3 });
    const second = (await get(`${path}?limit=2&cursor=${first.nextCursor}`)).json();
    expect(second).toMatchObject({ items: [{ msgId: "1001" }], nextCursor: null, total: 3 });
    expect(await createUnclaimed(rig.redis, rig.keys).count(account, rig.clock.now())).toBe(3);
  });

  test.each(["limit=0", "limit=201", "cursor=nonsense", "page=2"])("answers 422 to ?%s", async (query) => {
    expect((await get(`${path}?${query}`)).status).toBe(422);
  });

  test("answers 404 for an unknown account", async () => {
    expect((await get("/v1/accounts/nobody/external-sends")).status).toBe(404);
  });
});

describe("GET caps", () => {
  test("answers 422 for what can't be an OpenID, and 404 for an unknown account", async () => {
    const wrong = await get(`/v1/accounts/${account}/caps/nobody`);
    expect(wrong.status).toBe(422);
    expect(wrong.json()).toMatchObject({ code: "INVALID_PARAMETER", errors: [{ path: "openid" }] });
    expect((await get(`/v1/accounts/nobody/caps/${person(1)}`)).status).toBe(404);
    expect((await get("/v1/accounts/nobody/caps")).status).toBe(404);
  });

  test("says that nothing is left to who has had more than the limit", async () => {
    for (let time = 0; time < 3; time++) await desk.book(listOf([person(1)]));
    const { used, left, limit } = (await get(`/v1/accounts/${account}/caps/${person(1)}`)).json() as never;
    expect({ left, limit }).toEqual({ left: 0, limit: 3 });
    expect(used).toBeGreaterThan(4);
  });

  test("starts anew with the Shanghai month", async () => {
    rig.clock.set("2031-04-01T00:00:00+08:00");
    expect((await get(`/v1/accounts/${account}/caps/${person(1)}`)).json()).toEqual({
      month: "2031-04",
      used: 0,
      left: 3,
      limit: 3,
    });
    expect((await get(`/v1/accounts/${account}/caps`)).json()).toEqual({
      month: "2031-04",
      users: { 1: 0, 2: 0, 3: 0, 4: 0 },
      base: 0,
      followers: null,
    });
  });
});
