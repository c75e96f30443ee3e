import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDoor } from "./door.ts";

let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const open = ["/v1/campaigns", "/healthz", "/readyz", "/queues", "/queues/api/queues", "/"];
const callback = "/wechat/acme/callback?signature=good&echostr=hi";

const foreign: Record<string, string>[] = [
  { forwarded: "for=203.0.113.9" },
  { "x-forwarded-for": "127.0.0.1" },
  { "X-Forwarded-Proto": "https" },
  { "x-forwarded-anything": "" },
  { host: "qunfa.example" },
  { host: "localhost.evil.example" },
  { host: "127.0.0.1.evil.example:3000" },
  { host: "10.0.0.1" },
  { host: "0.0.0.0" },
  { host: "[::2]" },
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: "http://localhost:1" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
];

describe("without API keys", () => {
  test.each(foreign)("a request with %j is refused on everything that is open", async (headers) => {
    for (const path of open) {
      const { status, json } = await door.ask(path, { headers });
      expect([path, status, (json() as { code: string }).code]).toEqual([path, 403, "FORBIDDEN"]);
    }
  });

  test.each(foreign.filter(({ host }) => !host?.startsWith("[")))(
    "WeChat gets through with %j",
    async (headers) => {
      const { status, text } = await door.ask(callback, { headers });
      expect([status, text]).toEqual([200, "hi"]);
    },
  );

  test.each(["localhost", "LOCALHOST:3000", "127.0.0.1:80", "127.8.9.10", "[::1]:3000"])(
    "a request to %s is served",
    async (host) => {
      expect((await door.ask("/v1/campaigns", { headers: { host } })).status).toBe(200);
    },
  );

  test("the page's own requests are served", async () => {
    const host = `127.0.0.1:${door.port}`;
    const headers = { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
    expect((await door.ask("/queues", { headers })).status).toBe(200);
    expect((await door.ask("/queues", { headers: { "sec-fetch-site": "none" } })).status).toBe(200);
  });

  test("there is no login without a password, and pages offer none", async () => {
    for (const path of ["/login", "/logout"]) expect((await door.ask(path)).status).toBe(404);
    expect((await door.ask("/")).text).not.toContain("/logout");
  });
});

test.each(["0.0.0.0", "::", "192.168.1.5", "qunfa.internal"])(
  "the dashboard is refused to everybody when HOST is %s",
  async (host) => {
    const wide = await openDoor({ host, apiKeys: [{ name: "a", key: "b", scopes: ["read"] }] });
    expect((await wide.ask("/queues")).status).toBe(403);
    expect((await wide.ask("/healthz")).status).toBe(200);
    await wide.close();
  },
);
