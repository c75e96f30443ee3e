import { describe, expect } from "vitest";
import { createTokens } from "../../src/store/tokens.ts";
import { until } from "../support/until.ts";
import { account, minute, type Rig, test } from "./rig.ts";

const lifeMs = 120 * minute;
const forceEveryMs = 10 * minute;

function deskOf({ redis, keys, clock }: Rig) {
  const tokens = createTokens(redis, keys);
  return {
    ...tokens,
    ask: (holder: string) => tokens.lease({ account, holder, now: clock.now(), leaseMs: minute }),
    bring: (holder: string, token: string) => {
      const [renewAt, expiresAt] = [clock.now() + lifeMs - 5 * minute, clock.now() + lifeMs];
      return tokens.write({ account, holder, now: clock.now(), token, renewAt, expiresAt, forceEveryMs });
    },
    drop: (token: string) => tokens.drop({ account, token }),
    leave: (holder: string) => tokens.release({ account, holder }),
  };
}

describe("an access token", () => {
  test("is fetched by one of many who ask, the others wait", async ({ rig }) => {
    const desk = deskOf(rig);
    const replies = await Promise.all(["a", "b", "c", "d"].map(desk.ask));
    expect(replies.map(({ kind }) => kind).sort()).toEqual(["fetch", "wait", "wait", "wait"]);
  });

  test("is handed out as soon as it is there", async ({ rig }) => {
    const desk = deskOf(rig);
    await desk.ask("a");
    expect(await desk.bring("a", "T1")).toBe("written");
    expect(await desk.ask("b")).toEqual({ kind: "token", token: "T1" });
  });

  test("is renewed by one before it runs out, while the others go on with it", async ({ rig }) => {
    const desk = deskOf(rig);
    await desk.ask("a");
    await desk.bring("a", "T1");
    rig.clock.advance(lifeMs - 5 * minute - 1);
    expect(await desk.ask("b")).toEqual({ kind: "token", token: "T1" });
    rig.clock.advance(1);
    expect(await desk.ask("b")).toEqual({ kind: "renew", token: "T1" });
    expect(await desk.ask("c")).toEqual({ kind: "token", token: "T1" });
    expect(await desk.bring("b", "T2")).toBe("written");
    expect(await desk.ask("c")).toEqual({ kind: "token", token: "T2" });
  });

  test("that has run out is not handed out", async ({ rig }) => {
    const desk = deskOf(rig);
    await desk.ask("a");
    await desk.bring("a", "T1");
    rig.clock.advance(lifeMs);
    expect(await desk.ask("b")).toEqual({ kind: "fetch" });
  });

  test("that WeChat has refused is dropped, and a newer one is not", async ({ rig }) => {
    const desk = deskOf(rig);
    await desk.ask("a");
    await desk.bring("a", "T1");
    expect(await desk.drop("T0")).toBe("kept");
    expect(await desk.ask("b")).toEqual({ kind: "token", token: "T1" });
    expect(await desk.drop("T1")).toBe("dropped");
    expect(await desk.ask("b")).toEqual({ kind: "fetch" });
  });

  test("that comes back though it was refused is forced once, then refused for 10 minutes", async ({
    rig,
  }) => {
    const desk = deskOf(rig);
    const again = async (holder: string) => {
      await desk.drop("T1");
      await desk.ask(holder);
      return desk.bring(holder, "T1");
    };
    await desk.ask("a");
    await desk.bring("a", "T1");
    expect(await again("b")).toBe("force");
    expect(await desk.bring("b", "T1")).toBe("refused");
    rig.clock.advance(forceEveryMs - 1);
    expect(await again("c")).toBe("refused");
    rig.clock.advance(1);
    expect(await again("d")).toBe("force");
    expect(await desk.bring("d", "T2")).toBe("written");
    expect(await desk.ask("e")).toEqual({ kind: "token", token: "T2" });
  });

  test("that was refused once is good again after another one has been there", async ({ rig }) => {
    const desk = deskOf(rig);
    for (const token of ["T1", "T2", "T1"]) {
      await desk.ask("a");
      expect(await desk.bring("a", token)).toBe("written");
      if (token === "T1") await desk.drop("T1");
      else rig.clock.advance(lifeMs);
    }
  });

  test("is not stored by one who has lost the lease", async ({ rig }) => {
    const desk = deskOf(rig);
    await desk.ask("a");
    expect(await desk.leave("b")).toBe("kept");
    expect(await desk.leave("a")).toBe("released");
    expect(await desk.ask("b")).toEqual({ kind: "fetch" });
    expect(await desk.bring("a", "T1")).toBe("late");
    expect(await desk.bring("b", "T2")).toBe("written");
  });

  test("has a lease that its holder keeps, and that lapses without one", async ({ rig }) => {
    const desk = deskOf(rig);
    const request = { account, now: rig.clock.now(), leaseMs: 300 };
    expect(await desk.lease({ ...request, holder: "a" })).toEqual({ kind: "fetch" });
    expect(await desk.hold({ account, holder: "b", leaseMs: minute })).toBe("lost");
    expect(await desk.hold({ account, holder: "a", leaseMs: 600 })).toBe("held");
    const startedAt = Date.now();
    await until(async () => (await desk.lease({ ...request, holder: "b" })).kind === "fetch");
    expect(Date.now() - startedAt).toBeGreaterThan(400);
    expect(await desk.hold({ account, holder: "a", leaseMs: minute })).toBe("lost");
  });

  test("is one account's", async ({ rig }) => {
    const desk = deskOf(rig);
    await desk.ask("a");
    await desk.bring("a", "T1");
    const request = { account: "other", holder: "b", now: rig.clock.now(), leaseMs: minute };
    expect(await desk.lease(request)).toEqual({ kind: "fetch" });
  });
});
