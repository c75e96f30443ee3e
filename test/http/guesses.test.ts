import { afterEach, describe, expect, test } from "vitest";
import { randomPrefix } from "../support/prefix.ts";
import { openRedisCluster } from "../support/redis-cluster.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { asBrowser, cookieOf, openConsole } from "./console-rig.ts";

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

type Options = Parameters<typeof openConsole>[0];
async function open(options: Options = {}) {
  const rig = await openConsole({ trustedProxies: ["127.0.0.1"], ...options });
  opened.push(rig);
  const from = (address: string) => ({ "x-forwarded-for": address });
  return {
    ...rig,
    guess: async (address: string) => (await rig.logIn({ password: "wrong" }, from(address))).status,
    right: async (address: string) => rig.logIn({}, from(address)),
    withKey: (key: string, address = "203.0.113.1") =>
      rig.ask("/v1/campaigns", { headers: { authorization: `Bearer ${key}`, ...from(address) } }),
  };
}

const guesses = (rig: Awaited<ReturnType<typeof open>>, count: number, address: string) =>
  Promise.all(Array.from({ length: count }, () => rig.guess(address)));

describe("wrong passwords", () => {
  test("from one address are looked at five times in ten minutes, however many come at once, then refused", async () => {
    const rig = await open();
    const statuses = await guesses(rig, 12, "203.0.113.1");
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);

    const right = await rig.right("203.0.113.1");
    expect([right.status, cookieOf(right)]).toEqual([429, ""]);
    expect(Number(right.headers["retry-after"])).toBeGreaterThan(590);
    expect(Number(right.headers["retry-after"])).toBeLessThanOrEqual(600);
    expect(right.text).toContain("Try again in 10 min");
  });

  test("are counted over all servers, and keep nobody else out", async () => {
    const name = randomPrefix();
    const [one, other] = [await open({ name }), await open({ name })];
    await guesses(one, 5, "203.0.113.1");
    expect(await other.guess("203.0.113.1")).toBe(429);
    expect((await other.right("203.0.113.2")).status).toBe(303);
  });

  test("are forgotten once the right one comes", async () => {
    const rig = await open();
    for (let time = 0; time < 3; time++) {
      await guesses(rig, 4, "203.0.113.1");
      expect((await rig.right("203.0.113.1")).status).toBe(303);
    }
  });

  test("of an IPv6 network of 64 bits are one address's", async () => {
    const rig = await open();
    for (let host = 1; host <= 5; host++) await rig.guess(`2001:db8:0:1::${host}`);
    expect(await rig.guess("2001:db8:0:1:ffff::1")).toBe(429);
    expect(await rig.guess("2001:db8:0:2::1")).toBe(401);
  });

  test("from many addresses leave each of them one guess, so that the right person still gets in", async () => {
    const rig = await open();
    for (let address = 1; address <= 20; address++) await guesses(rig, 5, `198.51.100.${address}`);
    expect(await rig.guess("203.0.113.1")).toBe(401);
    expect(await rig.guess("203.0.113.1")).toBe(429);
    expect((await rig.right("203.0.113.2")).status).toBe(303);
  });

  test("end when Redis says so, and leave nothing there for ever", async () => {
    const rig = await open();
    await rig.guess("203.0.113.1");
    const prefix = rig.keys.guesses("password");
    for (const key of [`${prefix}:203.0.113.1`, `${prefix}:all`]) {
      const ttl = await rig.redis.ttl(key);
      expect([key, ttl > 590 && ttl <= 600]).toEqual([key, true]);
    }
  });

  test("are counted in a cluster too", async () => {
    const cluster = await openRedisCluster();
    opened.push(cluster);
    const rig = await open({ redisUrl: cluster.url });
    const statuses = await guesses(rig, 7, "203.0.113.1");
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
    expect((await rig.right("203.0.113.2")).status).toBe(303);
    expect(await rig.redis.get(`${rig.keys.guesses("password")}:all`)).toBe("5");
  });

  test("are counted here while Redis is away", async () => {
    const server = await openRedisServer({ args: ["--appendonly", "no"] });
    const rig = await open({ redisUrl: server.url });
    await server.close();
    const statuses = await guesses(rig, 8, "203.0.113.1");
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(3);
    const right = await rig.right("203.0.113.2");
    expect(right.status).toBe(303);
    const headers = { ...asBrowser, cookie: cookieOf(right) };
    expect((await rig.ask("/login", { headers })).status).toBe(200);
    expect((await rig.ask("/", { headers })).status).toBe(503);
  });
});

describe("wrong API keys", () => {
  const apiKeys = [{ name: "ci", key: "right", scopes: ["read"] }] as const;

  test("are answered 429 after a burst from one address; the right key is let in all the same", async () => {
    const rig = await open({ apiKeys });
    for (let time = 0; time < 20; time++) expect((await rig.withKey(`wrong-${time}`)).status).toBe(401);
    const { status, headers, json } = await rig.withKey("wrong");
    expect([status, json()]).toEqual([
      429,
      expect.objectContaining({ code: "TOO_MANY_GUESSES", status: 429 }),
    ]);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(60);
    for (let time = 0; time < 30; time++) expect((await rig.withKey("right")).status).toBe(200);
    expect((await rig.withKey("wrong", "203.0.113.2")).status).toBe(401);
    expect((await rig.withKey("wrong")).status).toBe(429);
  });

  test("are not those of a request that has none", async () => {
    const rig = await open({ apiKeys });
    for (let time = 0; time < 30; time++) expect((await rig.ask("/v1/campaigns")).status).toBe(401);
  });
});
