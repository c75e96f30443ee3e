import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { account, minute, openTokenWorld, type TokenWorld } from "./token-world.ts";

let world: TokenWorld;
beforeEach(async () => {
  world = await openTokenWorld();
});
afterEach(() => world.close());

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
