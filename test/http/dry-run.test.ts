import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiKey } from "../../src/http/auth.ts";
import { createTestDryRun, free } from "../support/dry-run.ts";
import { openDoor } from "./door.ts";
import { openid } from "./ledger.ts";

const path = "/v1/campaigns/plan";
const json = { "content-type": "application/json" };
const people = [openid("one"), openid("two"), openid("three"), openid("one"), "bad"];
const campaign = (more: Record<string, unknown> = {}) => ({
  account: "acme",
  message: { msgtype: "text", text: { content: "hello" } },
  audience: { type: "openids", openids: people },
  ...more,
});

let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  const outlook = { ...free, sends: { left: 7, perDay: 10 } };
  door = await openDoor({ dryRun: createTestDryRun({ outlook, used: { [openid("two")]: 4 } }) });
});
afterAll(() => door.close());

const post = (body: unknown, headers: Record<string, string> = json) =>
  door.ask(path, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

describe("POST /v1/campaigns/plan", () => {
  test("answers what would become of the campaign, times in ISO 8601", async () => {
    const { status, headers, json } = await post(
      campaign({ schedule: { startAt: "2026-03-03T09:00:00+08:00" } }),
    );
    expect([status, headers["content-type"], headers["cache-control"]]).toEqual([
      200,
      "application/json",
      "no-store",
    ]);
    expect(json()).toEqual({
      audience: { received: 5, invalid: 1, duplicate: 1, excluded: 0, capped: 1, admitted: 2 },
      reason: null,
      calls: { needed: 1, leftToday: 7 },
      batches: [{ number: 1, size: 2, at: "2026-03-03T01:00:00.000Z" }],
      finishesAt: "2026-03-03T01:00:00.000Z",
    });
  });

  test("answers 200 where nothing would be sent, and says why", async () => {
    const { status, json } = await post(campaign({ overCap: "fail" }));
    expect(status).toBe(200);
    expect(json()).toMatchObject({
      reason: "OVER_CAP",
      calls: { needed: 0, leftToday: 7 },
      batches: [],
      finishesAt: null,
    });
  });

  test("shows null for a batch that would not go by itself", async () => {
    const schedule = { deadline: "2026-03-02T00:00:00+08:00" };
    expect((await post(campaign({ schedule }))).json()).toMatchObject({
      reason: "DEADLINE",
      batches: [{ number: 1, size: 2, at: null }],
      finishesAt: null,
    });
  });

  test("takes a charset beside the content type", async () => {
    expect((await post(campaign(), { "content-type": "application/json; charset=utf-8" })).status).toBe(200);
  });

  test.each<[number, string, string | Record<string, unknown>, Record<string, string>]>([
    [415, "UNSUPPORTED_MEDIA_TYPE", campaign(), { "content-type": "text/plain" }],
    [415, "UNSUPPORTED_MEDIA_TYPE", campaign(), {}],
    [400, "BAD_REQUEST", '{"account":', json],
    [400, "BAD_REQUEST", "", json],
    [413, "TOO_LARGE", " ".repeat(16 * 1024 * 1024 + 1), json],
    [422, "BAD_CAMPAIGN", "null", json],
    [422, "BAD_CAMPAIGN", "[]", json],
    [422, "BAD_CAMPAIGN", {}, json],
    [422, "BAD_CAMPAIGN", campaign({ account: "nobody" }), json],
  ])("answers %i %s for a body that does not fit", async (status, code, body, headers) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.json()).toMatchObject({ status, code });
    // The next request finds the server as it was.
    expect((await post(campaign())).status).toBe(200);
  });

  test("names each wrong field by path and message, and repeats no value", async () => {
    const wrong = { overCap: "secretvalue", perUserPerMonth: 5, color: "red" };
    const { status, text, json } = await post(campaign(wrong));
    expect(status).toBe(422);
    expect(json()).toMatchObject({
      errors: [
        { path: "perUserPerMonth", message: expect.any(String) },
        { path: "overCap", message: expect.any(String) },
        { path: "color", message: expect.any(String) },
      ],
    });
    expect(text).not.toContain("secretvalue");
  });

  test("answers 422 for a parameter that it does not have", async () => {
    const { status, json: problem } = await door.ask(`${path}?verbose=1`, {
      ...{ method: "POST", headers: json, body: JSON.stringify(campaign()) },
    });
    expect(status).toBe(422);
    expect(problem()).toMatchObject({ code: "INVALID_PARAMETER" });
  });

  test("is no way to read: plan may be a campaign's id, and other methods are refused", async () => {
    expect((await door.ask(path)).status).toBe(404);
    const { status, headers } = await door.ask(path, { method: "PUT" });
    expect([status, headers.allow]).toEqual([405, "POST"]);
  });

  test("logs no OpenID", async () => {
    await post(campaign());
    await post(`{"openids":["${openid("one")}"`);
    expect(JSON.stringify(door.lines)).not.toContain(openid("one"));
  });
});

test("a plan asks for a key of the scope send", async () => {
  const apiKeys: ApiKey[] = [
    { name: "reader", key: "read-key", scopes: ["read", "admin"] },
    { name: "sender", key: "send-key", scopes: ["send"] },
  ];
  const locked = await openDoor({ apiKeys });
  const statusWith = async (key?: string) => {
    const headers = { ...json, ...(key !== undefined && { authorization: `Bearer ${key}` }) };
    return (await locked.ask(path, { method: "POST", headers, body: JSON.stringify(campaign()) })).status;
  };
  try {
    expect([await statusWith(), await statusWith("read-key"), await statusWith("send-key")]).toEqual([
      401, 403, 200,
    ]);
  } finally {
    await locked.close();
  }
});
