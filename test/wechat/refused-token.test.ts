import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { account, minute, openTokenWorld, second, type TokenWorld } from "./token-world.ts";

let world: TokenWorld;
beforeEach(async () => {
  world = await openTokenWorld();
});
afterEach(() => world.close());

describe("a token that WeChat refuses", () => {
  const forces = () => world.requests.filter((request) => request.force_refresh);
  const usual = (number: number) => `{"access_token":"token-${number}","expires_in":7200}`;

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

  it("is not forced again within 31 s, by any process, which is trouble that passes", async () => {
    const [one, other] = [world.openProcess(), world.openProcess()];
    await one.get();
    await one.replace("token-1");
    const retryAt = world.clock.now() + 31 * second;
    world.clock.advance(31 * second - 1);
    const passes = { code: "WECHAT_UNREACHABLE", details: { retryAt } };
    await expect(other.replace("token-2")).rejects.toMatchObject(passes);
    await expect(one.get()).rejects.toMatchObject(passes);
    expect(forces()).toHaveLength(1);

    world.clock.advance(1);
    expect(await one.get()).toBe("token-3");
    expect(forces()).toHaveLength(2);
  });

  it("is used at once when another one comes without force, however lately one was forced", async () => {
    const { get, replace } = world.openProcess();
    await get();
    await replace("token-1");
    world.state.number = 7;
    expect(await replace("token-2")).toBe("token-7");
    expect(forces()).toHaveLength(1);
  });

  it("is forced again when the answer to the forced call was lost, and WeChat had not heard it", async () => {
    const { get, replace } = world.openProcess();
    await get();
    world.state.heedsForce = false;
    world.state.answer = () => (forces().length > 0 ? "cut" : usual(1));
    await expect(replace("token-1")).rejects.toMatchObject({ code: "WECHAT_UNREACHABLE" });
    world.state.answer = undefined;
    world.state.heedsForce = true;
    world.clock.advance(10 * second);
    expect(await get()).toBe("token-2");
    expect(forces()).toHaveLength(2);
  });

  it("is not forced again when WeChat had heard the forced call whose answer was lost", async () => {
    const { get, replace } = world.openProcess();
    await get();
    world.state.answer = () => (forces().length > 0 ? "cut" : usual(1));
    await expect(replace("token-1")).rejects.toMatchObject({ code: "WECHAT_UNREACHABLE" });
    world.state.answer = undefined;
    expect(await get()).toBe("token-2");
    expect(forces()).toHaveLength(1);
  });

  it("is tried once more when force changes nothing", async () => {
    world.state.heedsForce = false;
    const { get, replace } = world.openProcess();
    await get();
    expect(await replace("token-1")).toBe("token-1");
    expect(world.requests).toHaveLength(3);
    expect(await get()).toBe("token-1");
  });

  it("is forced 20 times a Shanghai day at most, and then tried once more as it comes", async () => {
    const { get, replace } = world.openProcess();
    await get();
    for (let number = 1; number <= 20; number++) {
      expect(await replace(`token-${number}`)).toBe(`token-${number + 1}`);
      world.clock.advance(minute);
    }
    expect(await replace("token-21")).toBe("token-21");
    expect(forces()).toHaveLength(20);
    world.clock.set("2026-03-03T00:00:00+08:00");
    expect(await replace("token-21")).toBe("token-22");
  });

  it("is the account's trouble when the forced call itself is refused", async () => {
    const { get, replace } = world.openProcess();
    await get();
    world.state.answer = () => (forces().length > 0 ? '{"errcode":40164,"errmsg":"invalid ip"}' : usual(1));
    await expect(replace("token-1")).rejects.toMatchObject({
      code: "TOKEN_REFUSED",
      details: { errcode: 40164 },
    });
  });

  it("is news once, to whoever drops it first", async () => {
    const [one, other] = [world.openProcess(), world.openProcess()];
    await one.get();
    expect([await one.drop("token-1"), await other.drop("token-1")]).toEqual([true, false]);
    await one.get();
    expect(await other.drop("token-1")).toBe(false);
  });

  it("is known to be bad even if Redis has forgotten it", async () => {
    const { get, replace, redis } = world.openProcess();
    await get();
    await redis.del(world.keys.token(account.id));
    expect(await replace("token-1")).toBe("token-2");
  });
});
