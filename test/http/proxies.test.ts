import { type ConnectionOptions, Queue } from "bullmq";
import { afterEach, describe, expect, inject, test } from "vitest";
import { createQueueBoard } from "../../src/console/queue-board.ts";
import { createRoutes } from "../../src/http/routes.ts";
import { OWN_PATHS } from "../../src/setting.ts";
import { randomPrefix } from "../support/prefix.ts";
import { asBrowser, cookieOf, openConsole } from "./console-rig.ts";
import { createDoorDeps, openDoor } from "./door.ts";

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function open(options: Parameters<typeof openConsole>[0]) {
  const rig = await openConsole(options);
  opened.push(rig);
  return rig;
}

/** Whose guess the server takes it for. */
async function addressOf(trustedProxies: readonly string[], forwardedFor?: string) {
  const rig = await open({ trustedProxies });
  await rig.logIn(
    { password: "wrong" },
    forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor },
  );
  return rig.lines.find(({ msg }) => msg === "A login failed: wrong user or password")?.address;
}

describe("the address of who asks", () => {
  test.each([
    ["no proxy is trusted", [], "203.0.113.9", "127.0.0.1"],
    ["another proxy is trusted", ["10.0.0.0/8"], "203.0.113.9", "127.0.0.1"],
    ["nothing was forwarded", ["127.0.0.1"], undefined, "127.0.0.1"],
    ["the proxy names it", ["127.0.0.1"], "203.0.113.9", "203.0.113.9"],
    ["a network is trusted", ["127.0.0.0/8"], "203.0.113.9", "203.0.113.9"],
    ["the client made some up", ["127.0.0.1"], "1.1.1.1, 2.2.2.2, 203.0.113.9", "203.0.113.9"],
    ["two proxies are ours", ["127.0.0.1", "10.0.0.0/8"], "1.1.1.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"],
    ["the inner proxy is not trusted", ["127.0.0.1"], "203.0.113.9, 10.1.2.3", "10.1.2.3"],
    ["all of them are ours", ["127.0.0.1", "10.0.0.0/8"], "10.0.0.1, 10.0.0.2", "10.0.0.1"],
    ["it has a port", ["127.0.0.1"], "203.0.113.9:5511", "203.0.113.9"],
    ["it is IPv4 in IPv6", ["127.0.0.1"], "::ffff:203.0.113.9", "203.0.113.9"],
    ["it is IPv6 with a port", ["127.0.0.1"], "[2001:db8::1]:443", "2001:db8:0:0::/64"],
    ["it is no address", ["127.0.0.1"], "203.0.113.9, unknown", "127.0.0.1"],
  ] as const)("when %s", async (_, trusted, forwardedFor, address) => {
    expect(await addressOf(trusted, forwardedFor)).toBe(address);
  });
});

describe("a login cookie", () => {
  const https = { "x-forwarded-proto": "https" };
  const trustedProxies = ["127.0.0.1"];

  test.each([
    [
      "https by a trusted proxy",
      { trustedProxies },
      https,
      /^__Host-qunfa=.+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    ],
    [
      "https under a base path",
      { trustedProxies, basePath: "/q" },
      https,
      /^__Secure-qunfa=.+; Path=\/q; HttpOnly; Secure; /,
    ],
    [
      "http by a trusted proxy",
      { trustedProxies },
      { "x-forwarded-proto": "http" },
      /^qunfa=.+; Path=\/; HttpOnly; SameSite=Lax$/,
    ],
    [
      "https that nobody vouches for",
      {},
      https,
      /^qunfa=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
    ],
  ])("of %s", async (_, options, headers, expected) => {
    const rig = await open(options);
    const answer = await rig.logIn({}, headers);
    expect(answer.headers["set-cookie"]?.[0]).toMatch(expected);
    const base = "basePath" in options ? options.basePath : "";
    const page = await rig.ask(`${base}/`, {
      headers: { ...asBrowser, ...headers, cookie: cookieOf(answer) },
    });
    expect(page.status).toBe(200);
  });

  test("is given to a page of the host that a trusted proxy names", async () => {
    const rig = await open({ trustedProxies });
    const headers = {
      host: "10.0.0.7:3000",
      "x-forwarded-host": "qunfa.example",
      origin: "https://qunfa.example",
    };
    expect((await rig.logIn({}, headers)).status).toBe(303);
    const untrusting = await open({});
    expect((await untrusting.logIn({}, headers)).status).toBe(403);
  });
});

describe("under a base path", () => {
  const headers = asBrowser;

  test.each(["", "/mass/qunfa"])(
    "a proxy that sends %j before our paths finds every page, and all addresses have it",
    async (sent) => {
      const rig = await open({ basePath: "/mass/qunfa" });
      const led = await rig.ask(`${sent}/campaigns/a?after=1`, { headers });
      expect(led.headers.location).toBe("/mass/qunfa/login?next=%2Fcampaigns%2Fa%3Fafter%3D1");
      const form = await rig.ask(`${sent}/login`, { headers });
      expect(form.text).toContain('action="/mass/qunfa/login"');
      const addresses = [...form.text.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(
        ([, address]) => address,
      );
      expect(addresses.filter((address) => !address?.startsWith("/mass/qunfa/"))).toEqual([]);

      const answer = await rig.logIn({ next: "/campaigns/a" });
      expect(answer.headers.location).toBe("/mass/qunfa/campaigns/a");
      const cookie = cookieOf(answer);
      const page = await rig.ask(`${sent}/`, { headers: { ...headers, cookie } });
      expect([page.status, (await rig.ask(`${sent}/healthz`)).status]).toEqual([200, 200]);
      const links = [...page.text.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, address]) => address);
      expect(links.length).toBeGreaterThan(5);
      expect(links.filter((address) => !address?.startsWith("/mass/qunfa/"))).toEqual([]);
      const board = await rig.ask(`${sent}/queues/`, { headers: { ...headers, cookie } });
      expect([board.status, board.headers.location]).toEqual([308, "/mass/qunfa/queues"]);
    },
  );

  test("the path itself is the first page, and what only begins like it is another path", async () => {
    const rig = await open({ basePath: "/qunfa" });
    expect((await rig.ask("/qunfa", { headers })).headers.location).toBe("/qunfa/login?next=%2F");
    expect((await rig.ask("/qunfally/login", { headers })).status).toBe(404);
  });

  test.each(["", "/q"])("the dashboard finds its files, whether or not the proxy sends %j", async (sent) => {
    const { hostname: host, port } = new URL(inject("redisUrl"));
    const connection: ConnectionOptions = { host, port: Number(port) };
    const queue = new Queue("campaigns", { connection, prefix: `{${randomPrefix()}}` });
    opened.push(queue);
    const board = createQueueBoard({ queues: [queue], path: "/queues", basePath: "/q" });
    const door = await openDoor({ basePath: "/q", pages: { "/queues": board } });
    opened.push(door);
    const { text } = await door.ask(`${sent}/queues`);
    expect(text).toContain('<base href="/q/queues/" />');
    const own = [...text.matchAll(/(?:src|href)="(static[^"]+)"/g)].map(([, path]) => path);
    expect(own.length).toBeGreaterThan(4);
    for (const path of own)
      expect([path, (await door.ask(`${sent}/queues/${path}`)).status]).toEqual([path, 200]);
    expect((await door.ask(`${sent}/queues/api/queues`)).status).toBe(200);
  });

  test("can be none of ours: every path that there is begins with a name that is kept from it", async () => {
    const { paths } = await open({});
    const all = [...createRoutes(createDoorDeps().deps).map(({ path }) => path), ...paths];
    const first = all.map((path) => path.split("/")[1]);
    expect(new Set(first)).toEqual(new Set(["", ...OWN_PATHS]));
  });

  test("WeChat's callbacks come either way", async () => {
    const rig = await open({ basePath: "/qunfa" });
    for (const sent of ["", "/qunfa"]) {
      const { status, text } = await rig.ask(`${sent}/wechat/acme/callback?signature=good&echostr=hi`);
      expect([status, text]).toEqual([200, "hi"]);
    }
  });
});
