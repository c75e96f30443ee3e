import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asBrowser, type ConsoleRig, cookieOf, openConsole, password } from "./console-rig.ts";

const hour = 3_600_000;

let rig: ConsoleRig;
beforeAll(async () => {
  rig = await openConsole();
});
afterAll(() => rig.close());

const ask = (path: string, cookie: string, headers = {}) =>
  rig.ask(path, { headers: { ...asBrowser, cookie, ...headers } });

describe("without a login", () => {
  test.each([
    ["/", "/login?next=%2F"],
    ["/?account=acme&state=paused", "/login?next=%2F%3Faccount%3Dacme%26state%3Dpaused"],
    ["/campaigns/a%20b", "/login?next=%2Fcampaigns%2Fa%2520b"],
    ["/queues", "/login?next=%2Fqueues"],
    ["/queues/queue/campaigns/x", "/login?next=%2Fqueues%2Fqueue%2Fcampaigns%2Fx"],
  ])("a browser that asks for %s is led to %s", async (path, login) => {
    const { status, headers } = await ask(path, "");
    expect([status, headers.location, headers["cache-control"]]).toEqual([303, login, "no-store"]);
  });

  test("what a page or program asks for is refused", async () => {
    for (const path of ["/", "/queues/api/queues", "/queues/static/js/main.js"]) {
      const { status, headers, json } = await rig.ask(path, { headers: { accept: "application/json" } });
      expect(headers["www-authenticate"]).toBe('Form realm="qunfa"');
      expect([path, status, (json() as { code: string }).code]).toEqual([path, 401, "UNAUTHORIZED"]);
    }
  });

  test("the form asks nothing of another host and runs no script", async () => {
    const { status, headers, text } = await ask("/login?next=/queues", "");
    expect(status).toBe(200);
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(text).toContain('name="next" value="/queues"');
    expect(text).not.toMatch(/<script|style=|https?:\/\//);
    for (const [, path] of text.matchAll(/<link [^>]*href="([^"]+)"/g))
      expect((await rig.ask(path ?? "")).status).toBe(200);
  });

  test("what is asked for stands in the form as text", async () => {
    const { text } = await ask(`/login?next=${encodeURIComponent('/"><script>')}`, "");
    expect(text).not.toContain("<script");
  });
});

describe("logging in", () => {
  test("opens the pages, until twelve hours later", async () => {
    const answer = await rig.logIn({ next: "/queues" });
    expect([answer.status, answer.headers.location]).toEqual([303, "/queues"]);
    const [set] = answer.headers["set-cookie"] ?? [];
    expect(set).toMatch(/^qunfa=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    const cookie = cookieOf(answer);
    expect((await ask("/", cookie)).status).toBe(200);
    expect((await ask("/queues", cookie)).status).toBe(200);
    expect((await ask("/login?next=/queues", cookie)).headers.location).toBe("/queues");

    rig.clock.advance(12 * hour - 1);
    expect((await ask("/", cookie)).status).toBe(200);
    rig.clock.advance(1);
    expect((await ask("/", cookie)).status).toBe(303);
  });

  test.each([
    { password: "incorrect" },
    { password: "" },
    { password: `${password} ` },
    { username: "root" },
    { username: "" },
    { username: "admi", password: `n\n${password}` },
  ])("with %j shows the form again", async (fields) => {
    const open = await openConsole();
    const answer = await open.logIn({ next: "/queues", ...fields });
    expect([answer.status, cookieOf(answer)]).toEqual([401, ""]);
    expect(answer.text).toContain("User or password is wrong.");
    expect(answer.text).toContain('value="/queues"');
    expect(JSON.stringify(open.lines)).not.toContain(fields.password || password);
    await open.close();
  });

  test.each([
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "evil.example",
    "",
    `/${"x".repeat(3_000)}`,
  ])("never leads to another site: %j", async (next) => {
    expect((await rig.logIn({ next })).headers.location).toBe("/");
    expect((await ask(`/login?next=${encodeURIComponent(next)}`, "")).text).toContain(
      'name="next" value="/"',
    );
  });

  test.each([
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site", origin: "http://127.0.0.1" },
  ])("and out is refused from a page of another site: %j", async (headers) => {
    const answer = await rig.logIn({}, headers);
    expect([answer.status, cookieOf(answer)]).toEqual([403, ""]);
    const out = await rig.ask("/logout", { method: "POST", headers });
    expect([out.status, out.headers["set-cookie"]]).toEqual([403, undefined]);
  });

  test("is open to our own page, also where a browser hides its origin", async () => {
    const own = { host: "qunfa.example:8080", origin: "http://qunfa.example:8080" };
    expect((await rig.logIn({}, own)).status).toBe(303);
    expect((await rig.logIn({}, { "sec-fetch-site": "same-origin", origin: "null" })).status).toBe(303);
  });

  test("takes forms only, and no long ones", async () => {
    expect((await rig.logIn({}, { "content-type": "application/json" })).status).toBe(415);
    expect((await rig.logIn({ next: "x".repeat(9_000) })).status).toBe(413);
  });
});

describe("a cookie", () => {
  test("that anybody has changed or made is none", async () => {
    const cookie = cookieOf(await rig.logIn());
    const [, value = ""] = /^qunfa=(.*)$/.exec(cookie) ?? [];
    const later = value.replace(/^admin\.(\d+)/, (_, until) => `admin.${Number(until) + 1}`);
    const other = value.replace(/.(?=%3D$)/, (last) => (last === "A" ? "E" : "A"));
    for (const forged of [
      later,
      other,
      "admin.99999999999999",
      "admin.99999999999999.ff",
      "",
      "x",
      "%00",
      value.slice(0, -6),
    ])
      expect([forged, (await ask("/", `qunfa=${forged}`)).status]).toEqual([forged, 303]);
    expect((await ask("/", cookie)).status).toBe(200);
  });

  test("is known to every server of the same password, and to none of another", async () => {
    const cookie = cookieOf(await rig.logIn());
    const [same, other] = [await openConsole(), await openConsole({ dashboardPassword: "another" })];
    expect((await same.ask("/", { headers: { ...asBrowser, cookie } })).status).toBe(200);
    expect((await other.ask("/", { headers: { ...asBrowser, cookie } })).status).toBe(303);
    await same.close();
    await other.close();
  });

  test("is taken away by logging out, and a copy of it opens no server any more", async () => {
    const cookie = cookieOf(await rig.logIn());
    const stays = cookieOf(await rig.logIn());
    const { status, headers } = await rig.ask("/logout", { method: "POST", headers: { cookie } });
    expect([status, headers.location]).toEqual([303, "/login"]);
    expect(headers["set-cookie"]).toEqual(["qunfa=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
    const other = await openConsole({ name: rig.name });
    expect((await ask("/", cookie)).status).toBe(303);
    expect((await other.ask("/", { headers: { ...asBrowser, cookie } })).status).toBe(303);
    expect((await ask("/", stays)).status).toBe(200);
    await other.close();
    const [, until = "", id = ""] = /admin\.(\d+)\.(\w+)/.exec(cookie) ?? [];
    const ttl = await rig.redis.pttl(rig.keys.endedLogin(id));
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(Number(until) - rig.clock.now());
  });

  test("opens no API call", async () => {
    const locked = await openConsole({ apiKeys: [{ name: "a", key: "b", scopes: ["read"] }] });
    const cookie = cookieOf(await locked.logIn());
    expect((await locked.ask("/v1/campaigns", { headers: { cookie } })).status).toBe(401);
    await locked.close();
  });
});

test("with a password the pages are served to any host and through any proxy, the API without keys is not", async () => {
  const cookie = cookieOf(await rig.logIn());
  const headers = { ...asBrowser, cookie, host: "qunfa.example", "x-forwarded-for": "203.0.113.9" };
  expect((await rig.ask("/", { headers })).status).toBe(200);
  expect((await rig.ask("/v1/campaigns", { headers })).status).toBe(403);
  expect((await rig.ask("/healthz", { headers })).status).toBe(403);
});
