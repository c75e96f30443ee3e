import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDoor } from "./door.ts";

const apiKeys = [
  { name: "ci", key: "read-key", scopes: ["read"] },
  { name: "crm", key: "send-key", scopes: ["send", "admin"] },
] as const;

let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ apiKeys });
});
afterAll(() => door.close());

const withKey = (authorization: string) => door.ask("/v1/campaigns", { headers: { authorization } });

describe("with API keys set", () => {
  test.each(["Bearer read-key", "bearer read-key", "BEARER   read-key"])("%s is let in", async (header) => {
    expect((await withKey(header)).status).toBe(200);
  });

  test.each([
    "Bearer wrong-key",
    "Bearer read-ke",
    "Bearer read-key2",
    "Bearer read-key send-key",
    "Bearer ",
    "Bearer",
    "Basic read-key",
    "read-key",
    "",
    `Bearer ${"k".repeat(5000)}`,
  ])("%s is answered 401", async (header) => {
    const { status, headers, json } = await withKey(header);
    expect([status, headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    expect(json()).toMatchObject({ code: "UNAUTHORIZED", status: 401 });
  });

  test("no key at all is answered 401, on every route that needs one", async () => {
    for (const path of [
      "/v1/campaigns",
      "/v1/campaigns/a",
      "/v1/campaigns/a/batches",
      "/v1/campaigns/a/recipients/b",
    ])
      expect((await door.ask(path)).status).toBe(401);
  });

  test("a key without the scope is answered 403 that names it", async () => {
    const { status, json } = await withKey("Bearer send-key");
    expect(status).toBe(403);
    expect(json()).toMatchObject({ code: "FORBIDDEN", detail: expect.stringContaining('"read"') });
  });

  test("a key lets in through a proxy too", async () => {
    const headers = {
      authorization: "Bearer read-key",
      host: "qunfa.example",
      "x-forwarded-for": "203.0.113.9",
    };
    expect((await door.ask("/v1/campaigns", { headers })).status).toBe(200);
  });

  test("the health checks stay open, under any host name", async () => {
    for (const path of ["/healthz", "/readyz"])
      expect((await door.ask(path, { headers: { host: "10.0.0.7:3000" } })).status).toBe(200);
  });

  test("the dashboard opens with no key, and not for a foreign request", async () => {
    expect((await door.ask("/queues")).status).toBe(200);
    const headers = { authorization: "Bearer read-key", host: "qunfa.example" };
    expect((await door.ask("/queues", { headers })).status).toBe(403);
  });

  test("neither key nor header is ever logged", () => {
    expect(JSON.stringify(door.lines)).not.toMatch(/read-key|send-key|wrong-key/);
  });
});
