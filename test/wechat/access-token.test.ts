import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { createLogger } from "../../src/log.ts";
import { createKeys } from "../../src/store/keys.ts";
import { createTokens } from "../../src/store/tokens.ts";
import { createAccessToken } from "../../src/wechat/access-token.ts";
import { openClient } from "../../src/wechat/client.ts";
import { createTestClock } from "../support/clock.ts";
import { randomPrefix } from "../support/prefix.ts";
import { until } from "../support/until.ts";
import { openTokenServer } from "./token-server.ts";

const account = { id: "acme", appid: "wx0123456789abcdef", secret: "a-secret" };
const minute = 60_000;

let world: Awaited<ReturnType<typeof openWorld>>;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** WeChat, a Redis prefix and a clock; `openProcess` joins them as one process of several would. */
async function openWorld() {
  const wechat = await openTokenServer();
  const clock = createTestClock();
  const keys = createKeys(randomPrefix());
  const log = createLogger("silent");
  const closers: (() => unknown)[] = [wechat.close];

  const openProcess = (wait: () => Promise<unknown> = () => Promise.resolve()) => {
    const redis = new Redis(inject("redisUrl"));
    const client = openClient({
      account: { apiBase: wechat.url },
      sendTimeoutMs: 10_000,
      proxy: {},
      clock,
      log,
    });
    closers.push(() => redis.quit(), client.close);
    const cache = createTokens(redis, keys);
    return { ...createAccessToken({ account, call: client.call, cache, clock, log, wait }), redis };
  };
  const close = async () => {
    for (const one of closers.reverse()) await one();
  };
  return { ...wechat, clock, keys, openProcess, close };
}

describe("an access token", () => {
  it("is fetched once and shared by all processes", async () => {
    const [one, other] = [world.openProcess(), world.openProcess()];
    const tokens = await Promise.all([one.get(), other.get(), one.get(), other.get()]);
    expect(new Set(tokens)).toEqual(new Set(["token-1"]));
    expect(world.requests).toEqual([
      { grant_type: "client_credential", appid: account.appid, secret: account.secret },
    ]);
  });

  it("is renewed by one process before it runs out, while the others go on with the old one", async () => {
    const [one, other] = [world.openProcess(), world.openProcess()];
    await one.get();
    world.clock.advance(115 * minute - 1);
    expect(await one.get()).toBe("token-1");
    expect(world.requests).toHaveLength(1);

    world.clock.advance(1);
    world.state.number = 2;
    let duringRenewal: string | undefined;
    world.state.answer = async () => {
      duringRenewal = await other.get();
      return '{"access_token":"token-2","expires_in":7200}';
    };
    expect(await one.get()).toBe("token-2");
    expect(duringRenewal).toBe("token-1");
    expect(await other.get()).toBe("token-2");
    expect(world.requests).toHaveLength(2);
  });

  it("is waited for while another process fetches it, where there is no old one", async () => {
    let arrived = () => {};
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const other = world.openProcess(async () => arrived());
    let late: Promise<string> | undefined;
    world.state.answer = async () => {
      late = other.get();
      await waiting;
      return '{"access_token":"token-1","expires_in":7200}';
    };
    expect(await world.openProcess().get()).toBe("token-1");
    expect(await late).toBe("token-1");
    expect(world.requests).toHaveLength(1);
  });

  it("is fetched by one process alone though WeChat takes longer than a lease lasts", async () => {
    const [one, other] = [world.openProcess(), world.openProcess(() => sleep(100))];
    world.state.answer = () => sleep(6_000, '{"access_token":"token-1","expires_in":7200}');
    expect(await Promise.all([one.get(), sleep(100).then(other.get)])).toEqual(["token-1", "token-1"]);
    expect(world.requests).toHaveLength(1);
  });

  it("is fetched by another process soon after the one that was fetching has died", async () => {
    const [dying, other] = [world.openProcess(), world.openProcess(() => sleep(100))];
    let bringLate = (_answer: string) => {};
    const lateAnswer = new Promise<string>((resolve) => {
      bringLate = resolve;
    });
    world.state.answer = () => lateAnswer;
    const lost = dying.get().catch(() => "died");
    await until(() => world.requests.length === 1);
    world.state.answer = undefined;
    dying.redis.disconnect();
    const startedAt = Date.now();
    expect(await other.get()).toBe("token-1");
    expect(Date.now() - startedAt).toBeLessThan(8_000);
    bringLate("too late");
    expect(await lost).toBe("died");
    await dying.redis.connect();
  });

  it("is not waited for without end", async () => {
    const { get, redis } = world.openProcess();
    await redis.set(world.keys.tokenLease(account.id), "a process that died", "PX", 60_000);
    await expect(get()).rejects.toMatchObject({ code: "WECHAT_UNREACHABLE" });
    expect(world.requests).toHaveLength(0);
  });

  it("goes on being used when its renewal fails, which is not tried again at once", async () => {
    const { get } = world.openProcess();
    await get();
    world.clock.advance(116 * minute);
    world.state.answer = () => '{"errcode":40164,"errmsg":"invalid ip"}';
    expect([await get(), await get(), await get()]).toEqual(["token-1", "token-1", "token-1"]);
    expect(world.requests).toHaveLength(2);
  });

  it("is asked for again once it has run out", async () => {
    const { get } = world.openProcess();
    await get();
    world.clock.advance(120 * minute);
    world.state.number = 2;
    expect(await get()).toBe("token-2");
  });

  it("is fetched again by the next asker when one could not", async () => {
    const { get } = world.openProcess();
    world.state.answer = () => "busy";
    await expect(get()).rejects.toMatchObject({ code: "WECHAT_UNREACHABLE" });
    world.state.answer = undefined;
    expect(await get()).toBe("token-1");
  });

  it("is not stored by a process whose lease has passed to another", async () => {
    const { get, redis } = world.openProcess();
    world.state.answer = async () => {
      await redis.set(world.keys.tokenLease(account.id), "another process", "PX", 60_000);
      return '{"access_token":"token-late","expires_in":7200}';
    };
    await expect(get()).rejects.toMatchObject({ code: "WECHAT_UNREACHABLE" });
    expect(await redis.exists(world.keys.token(account.id))).toBe(0);
  });
});

describe("a token that WeChat refuses", () => {
  it("is dropped and fetched anew, once for all who hold it", async () => {
    const [one, other] = [world.openProcess(), world.openProcess()];
    await one.get();
    world.state.number = 2;
    expect(await one.replace("token-1")).toBe("token-2");
    expect(await other.replace("token-1")).toBe("token-2");
    expect(world.requests).toHaveLength(2);
  });

  it("is refreshed by force when the same one comes back", async () => {
    const { get, replace } = world.openProcess();
    await get();
    expect(await replace("token-1")).toBe("token-2");
    expect(world.requests.map((request) => request.force_refresh)).toEqual([undefined, undefined, true]);
    expect(await get()).toBe("token-2");
  });

  it("is the account's trouble when force was used within 10 minutes, by any process", async () => {
    const [one, other] = [world.openProcess(), world.openProcess()];
    await one.get();
    await one.replace("token-1");
    world.clock.advance(10 * minute - 1);
    const why = { errcode: 40001, message: "not latest", rid: "a-b-c" };
    await expect(other.replace("token-2", why)).rejects.toMatchObject({
      code: "TOKEN_REFUSED",
      details: { errcode: 40001, rid: "a-b-c", remedy: expect.any(String) },
    });
    await expect(one.get()).rejects.toMatchObject({ code: "TOKEN_REFUSED" });
    expect(world.requests.filter((request) => request.force_refresh)).toHaveLength(1);

    world.clock.advance(1);
    expect(await one.get()).toBe("token-3");
  });

  it("is the account's trouble when force changes nothing", async () => {
    world.state.heedsForce = false;
    const { get, replace } = world.openProcess();
    await get();
    await expect(replace("token-1")).rejects.toMatchObject({ code: "TOKEN_REFUSED" });
    expect(world.requests).toHaveLength(3);
  });

  it("is known to be bad even if Redis has forgotten it", async () => {
    const { get, replace, redis } = world.openProcess();
    await get();
    await redis.del(world.keys.token(account.id));
    expect(await replace("token-1")).toBe("token-2");
  });
});

describe("a call for a token", () => {
  it.each([
    [40001, "token"],
    [40013, "account"],
    [40125, "account"],
    [40164, "account"],
    [40243, "account"],
    [45009, "day"],
    [45011, "minute"],
    [50004, "account"],
    [50007, "account"],
    [89503, "account"],
    [89506, "account"],
    [99999, "unlisted"],
  ])("refused with %i is the account's trouble (%s)", async (errcode, action) => {
    world.state.answer = () => JSON.stringify({ errcode, errmsg: "no rid: 60af6d7c-24c5c6b9-5b3ec9bc" });
    await expect(world.openProcess().get()).rejects.toMatchObject({
      code: "TOKEN_REFUSED",
      details: { errcode, action, rid: "60af6d7c-24c5c6b9-5b3ec9bc", remedy: expect.any(String) },
    });
  });

  it.each([
    '{"errcode":-1,"errmsg":"system error"}',
    "<html>",
    "{}",
    '{"access_token":"","expires_in":7200}',
    "[]",
  ])("answered with %s may be made again", async (answer) => {
    world.state.answer = () => answer;
    await expect(world.openProcess().get()).rejects.toMatchObject({ code: "WECHAT_UNREACHABLE" });
  });

  it("says nothing of the secret in its failure", async () => {
    const failure = await world
      .openProcess()
      .get()
      .then(() => world.openProcess().replace("token-1"))
      .catch((error: unknown) => error);
    expect(JSON.stringify(failure)).not.toContain(account.secret);
  });
});
