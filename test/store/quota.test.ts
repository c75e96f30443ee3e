import { describe, expect } from "vitest";
import { account, hour, minute, second, test } from "./rig.ts";

describe("the day's quota", () => {
  test("lets exactly as many calls through as it has units, however many race for them", async ({ rig }) => {
    const campaigns = await Promise.all(Array.from({ length: 30 }, (_, at) => rig.planOne(`offer-${at}`)));
    // Each call gives up the turn at once, so that all of them get as far as the quota.
    const runs = campaigns.map(async (batch) => {
      for (;;) {
        const gate = await rig.begin(batch, { sendCalls: 7, minuteCalls: 1_000 });
        if (gate.word === "go") {
          await rig.doubt(batch, gate.epoch);
          return "went";
        }
        if (gate.word === "wait" && gate.reason === "daily-quota") return "quota";
      }
    });
    const ends = await Promise.all(runs);
    expect(ends.filter((end) => end === "went")).toHaveLength(7);
    expect(ends.filter((end) => end === "quota")).toHaveLength(23);
    expect(await rig.units()).toHaveLength(7);
  });

  test("counts repeats and refusals", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch, { sendCalls: 2 }));
    rig.clock.advance(minute);
    await rig.postpone(batch, await rig.go(batch, { sendCalls: 2 }));
    rig.clock.advance(minute);
    expect(await rig.begin(batch, { sendCalls: 2 })).toMatchObject({ word: "wait", reason: "daily-quota" });
  });

  test("begins anew at Shanghai midnight", async ({ rig }) => {
    const two = await rig.planOne("two");
    rig.clock.set("2031-03-04T23:00:00+08:00");
    await rig.spend("2031-03-04", 1);
    expect(await rig.begin(two, { sendCalls: 1 })).toMatchObject({
      ...{ word: "wait", reason: "daily-quota", until: new Date("2031-03-05T00:00:00+08:00").getTime() },
    });
    rig.clock.set("2031-03-05T00:00:00+08:00");
    expect((await rig.begin(two, { sendCalls: 1 })).word).toBe("go");
    expect(await rig.units("2031-03-05")).toEqual(["two~1#1"]);
  });

  test("is closed in the last 3 seconds before midnight", async ({ rig }) => {
    const batch = await rig.planOne();
    const midnight = rig.limits().dayEndsAt;
    for (const before of [3 * second, 1_500, 1]) {
      rig.clock.set(midnight - before);
      expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "daily-quota", until: midnight });
    }
    rig.clock.set(midnight - 3 * second - 1);
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("is not asked of numbers made before midnight: they say to come again at once", async ({ rig }) => {
    const batch = await rig.planOne();
    const old = rig.limits();
    rig.clock.set(old.dayEndsAt);
    expect(await rig.begin(batch, old)).toMatchObject({ word: "wait", until: old.dayEndsAt });
    expect(await rig.units(old.day)).toEqual([]);
  });

  test("takes a unit back that never left, and hands it to another", async ({ rig }) => {
    const [one, two] = [await rig.planOne("one"), await rig.planOne("two")];
    await rig.postpone(one, await rig.go(one, { sendCalls: 1 }), {
      neverLeft: true,
      delayMs: 1_000,
      capMs: 60_000,
    });
    expect(await rig.units()).toEqual([]);
    expect((await rig.begin(two, { sendCalls: 1 })).word).toBe("go");
  });

  test("belongs to one account", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.spend(rig.limits().day, 1, "other");
    expect((await rig.begin(batch, { sendCalls: 1 })).word).toBe("go");
  });
});

describe("the minute", () => {
  test("is a sliding window: a place is free 60 s after it was taken", async ({ rig }) => {
    const [one, two, three] = await rig.plan("offer", [2, 2, 2]);
    if (!one || !two || !three) throw new Error("three batches");
    const start = rig.clock.now();
    await rig.doubt(one, await rig.go(one, { minuteCalls: 2 }), hour);
    rig.clock.set(start + 40 * second);
    await rig.doubt(two, await rig.go(two, { minuteCalls: 2 }), hour);
    for (const passed of [40 * second, minute - 1]) {
      rig.clock.set(start + passed);
      expect(await rig.begin(three, { minuteCalls: 2 })).toMatchObject({
        ...{ word: "wait", reason: "minute-quota", until: start + minute },
      });
    }
    rig.clock.set(start + minute);
    expect((await rig.begin(three, { minuteCalls: 2 })).word).toBe("go");
  });

  test("is shared by sends and polls", async ({ rig }) => {
    const [one, two] = await rig.plan("offer", [2, 2]);
    if (!one || !two) throw new Error("two batches");
    await rig.go(one, { minuteCalls: 2 });
    await rig.accept(one, "1000");
    const now = rig.clock.now();
    expect(await rig.poll(one, { minuteCalls: 2 })).toEqual({ word: "go", until: 0 });
    expect(await rig.poll(one, { minuteCalls: 2 })).toEqual({ word: "wait", until: now + minute });
    expect(await rig.begin(two, { minuteCalls: 2 })).toMatchObject({ reason: "minute-quota" });
    expect(await rig.get(one)).toMatchObject({ polls: 1, polledAt: now });
  });

  test("has room for a poll again 60 s after the last, and forgets polls by itself", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.poll(batch, { minuteCalls: 1 });
    expect(await rig.redis.pttl(rig.keys.minute(account))).toBeGreaterThan(minute);
    rig.clock.advance(minute);
    expect(await rig.poll(batch, { minuteCalls: 1 })).toEqual({ word: "go", until: 0 });
  });

  test("has room again for what never left", async ({ rig }) => {
    const [one, two] = await rig.plan("offer", [2, 2]);
    if (!one || !two) throw new Error("two batches");
    await rig.postpone(one, await rig.go(one, { minuteCalls: 1 }), { neverLeft: true });
    expect((await rig.begin(two, { minuteCalls: 1 })).word).toBe("go");
  });

  test("forgets its calls by itself", async ({ rig }) => {
    await rig.go(await rig.planOne());
    expect(await rig.redis.pttl(rig.keys.minute(account))).toBeGreaterThan(minute);
  });
});
