import { describe, expect } from "vitest";
import { createTokens } from "../../src/store/tokens.ts";
import { until } from "../support/until.ts";
import { account, minute, type Rig, second, test } from "./rig.ts";

const lifeMs = 120 * minute;
const forcing = { forceEveryMs: 31 * second, forceAgainMs: 5 * second, forcesPerDay: 3 };

function deskOf({ redis, keys, clock }: Rig) {
  const tokens = createTokens(redis, keys);
  return {
    ...tokens,
    ask: (holder: string) => tokens.lease({ account, holder, now: clock.now(), leaseMs: minute }),
    /** What came, by force or not; answers the word, and of a wait how long it is. */
    bring: async (holder: string, token: string, forced = false) => {
      const now = clock.now();
      const [renewAt, expiresAt] = [now + lifeMs - 5 * minute, now + lifeMs];
      const fetched = { account, holder, now, token, renewAt, expiresAt, forced, ...forcing };
      const written = await tokens.write(fetched);
      return written.kind === "wait" ? written.until - now : written.kind;
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
    expect(await desk.drop("T1")).toBe("known");
    expect(await desk.ask("b")).toEqual({ kind: "fetch" });
  });

  /** A desk where T1 was refused; `again` brings it once more. */
  async function refusedOf(rig: Rig) {
    const desk = deskOf(rig);
    await desk.ask("a");
    await desk.bring("a", "T1");
    const again = async (holder: string) => {
      await desk.drop("T1");
      await desk.ask(holder);
      return desk.bring(holder, "T1");
    };
    return { ...desk, again };
  }

  test("that comes back though it was refused is replaced by force, no sooner than WeChat allows it", async ({
    rig,
  }) => {
    const desk = await refusedOf(rig);
    expect(await desk.again("b")).toBe("force");
    rig.clock.advance(2 * second);
    expect(await desk.bring("b", "T2", true)).toBe("written");
    await desk.drop("T2");
    await desk.ask("c");
    rig.clock.advance(10 * second);
    expect(await desk.bring("c", "T2")).toBe(21 * second);
    rig.clock.advance(21 * second);
    // Who has to wait does not keep the lease.
    expect(await desk.ask("d")).toEqual({ kind: "fetch" });
    expect(await desk.bring("d", "T2")).toBe("force");
  });

  test("may be forced again soon when the answer was lost", async ({ rig }) => {
    const desk = await refusedOf(rig);
    expect(await desk.again("b")).toBe("force");
    await desk.leave("b");
    rig.clock.advance(5 * second - 1);
    expect(await desk.again("c")).toBe(1);
    rig.clock.advance(1);
    expect(await desk.again("d")).toBe("force");
  });

  test("that was brought by force is written, even if it is the one that was refused", async ({ rig }) => {
    const desk = await refusedOf(rig);
    expect(await desk.again("b")).toBe("force");
    expect(await desk.bring("b", "T1", true)).toBe("written");
    expect(await desk.ask("c")).toEqual({ kind: "token", token: "T1" });
  });

  test("that was brought by force after the lease was lost still keeps others from forcing", async ({
    rig,
  }) => {
    const desk = await refusedOf(rig);
    expect(await desk.again("b")).toBe("force");
    await desk.leave("b");
    expect(await desk.bring("b", "T2", true)).toBe("late");
    rig.clock.advance(30 * second);
    expect(await desk.again("c")).toBe(second);
  });

  test("is forced so often a Shanghai day, lost answers included; then the one that comes is tried again", async ({
    rig,
  }) => {
    const desk = await refusedOf(rig);
    for (const holder of ["b", "c", "d"]) {
      expect(await desk.again(holder)).toBe("force");
      await desk.leave(holder);
      rig.clock.advance(5 * second);
    }
    expect(await desk.again("e")).toBe("written");
    rig.clock.set("2031-03-04T23:59:59+08:00");
    expect(await desk.again("f")).toBe("written");
    rig.clock.advance(second);
    expect(await desk.again("g")).toBe("force");
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
