import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nextMonth } from "../../src/campaign/calendar.ts";
import { createPeople, limited } from "../store/quota-rig.ts";
import { minute, openRig, trouble } from "../store/rig.ts";
import { openDoor } from "./door.ts";

const rig = openRig("2031-03-04T12:00:00+08:00");
const midnight = "2031-03-04T16:00:00.000Z";
const accounts = new Map([
  ["acme", limited()],
  ["strict", { ...limited({ allCallsPerDay: 10 }), id: "strict" as never }],
  ["stopped", { ...limited(), id: "stopped" as never }],
]);
let fails: Error | undefined;
let door: Awaited<ReturnType<typeof openDoor>>;

beforeAll(async () => {
  door = await openDoor({
    apiKeys: [
      { name: "ci", key: "read-key", scopes: ["read"] },
      { name: "crm", key: "send-key", scopes: ["send", "admin"] },
    ],
    accounts,
    readQuota: async (account) => {
      if (fails) throw fails;
      return rig.quotas.read(account, rig.clock.now());
    },
  });
});
afterAll(async () => {
  await door.close();
  await rig.quit();
});

const read = (path: string, key = "read-key") =>
  door.ask(`/v1/accounts/${path}`, { headers: { authorization: `Bearer ${key}` } });
const body = async (path: string) => (await read(path)).json();

const untouched = (limit: number, left = limit) => ({
  ...{ limit, used: 0, external: 0, held: 0, left, resetsAt: midnight, stopped: null },
});

describe("GET /v1/accounts/{account}/quota", () => {
  test("shows every quota of the Shanghai day and the minute", async () => {
    expect(await body("acme/quota")).toEqual({
      day: "2031-03-04",
      send: untouched(100),
      uploadNews: untouched(10),
      delete: untouched(10),
      preview: untouched(100),
      allCalls: null,
      minute: { limit: 60, used: 0, stopped: null },
    });
  });

  test("counts what is used and what is held", async () => {
    const people = createPeople(rig);
    await rig.go(await rig.planOne());
    await people.use("a", "delete");
    await people.hold("b", "delete");
    expect(await body("acme/quota")).toMatchObject({
      send: { limit: 100, used: 1, held: 0, left: 99 },
      delete: { limit: 10, used: 1, held: 1, left: 8 },
      minute: { limit: 60, used: 3 },
    });
  });

  test("leaves no quota more than the budget over all calls does", async () => {
    const account = accounts.get("strict");
    if (!account) throw new Error("no such account");
    for (const name of ["a", "b", "c"])
      await rig.quotas.reserve(account, { api: "upload", name }, rig.clock.now());
    expect(await body("strict/quota")).toMatchObject({
      send: { limit: 100, used: 0, left: 7 },
      uploadNews: { left: 7 },
      allCalls: { ...untouched(10, 7), held: 3 },
    });
  });

  test("says that WeChat has stopped the sends, and until when", async () => {
    const till = nextMonth(rig.clock.now());
    await rig.blocks.put("stopped", { reason: "month", till, trouble }, rig.clock.now());
    expect(await body("stopped/quota")).toMatchObject({
      send: {
        used: 0,
        left: 0,
        resetsAt: midnight,
        stopped: { reason: "month", until: "2031-03-31T16:00:00.000Z" },
      },
      preview: { left: 100, stopped: null },
      minute: { stopped: null },
    });
  });

  test("says that WeChat has stopped the minute", async () => {
    const till = rig.clock.now() + minute;
    await rig.blocks.put("strict", { reason: "minute-quota", till, trouble }, rig.clock.now());
    expect(await body("strict/quota")).toMatchObject({
      send: { left: 7, stopped: null },
      minute: { stopped: { reason: "minute-quota", until: new Date(till).toISOString() } },
    });
  });

  test.each(["nobody", "ACME", "__proto__", "%00", "acme%2Fquota"])(
    "answers 404 for the account %s",
    async (id) => {
      const { status, json } = await read(`${id}/quota`);
      expect(status).toBe(404);
      expect(json()).toMatchObject({ code: "NOT_FOUND" });
    },
  );

  test("answers 422 for a parameter that it does not have", async () => {
    const { status, json } = await read("acme/quota?day=2031-03-04");
    expect(status).toBe(422);
    expect(json()).toMatchObject({ code: "INVALID_PARAMETER", errors: [{ path: "day" }] });
  });

  test("answers 401 without a key, 403 to one without the scope read, 405 to other methods", async () => {
    expect((await door.ask("/v1/accounts/acme/quota")).status).toBe(401);
    expect((await read("acme/quota", "send-key")).status).toBe(403);
    const post = await door.ask("/v1/accounts/acme/quota", { method: "POST" });
    expect([post.status, post.headers.allow]).toEqual([405, "GET, HEAD"]);
  });

  test("answers 503 while Redis is away", async () => {
    fails = new Error("Connection is closed.");
    const { status, json } = await read("acme/quota");
    fails = undefined;
    expect(status).toBe(503);
    expect(json()).toMatchObject({ code: "REDIS_AWAY" });
  });
});
