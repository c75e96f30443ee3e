import { describe, expect } from "vitest";
import { createPeople } from "./quota-rig.ts";
import { account, minute, second, test } from "./rig.ts";

describe("a unit", () => {
  test("is held, then used by one call", async ({ rig }) => {
    const people = createPeople(rig);
    const unit = await people.hold("a");
    expect(unit).toEqual({ api: "preview", name: "a", day: "2031-03-04" });
    expect((await people.read()).preview).toMatchObject({ limit: 100, used: 0, held: 1, left: 99 });
    expect(await people.commit(unit)).toBe("go");
    expect((await people.read()).preview).toMatchObject({ used: 1, held: 0, left: 99 });
  });

  test("is taken once, however often it is asked for", async ({ rig }) => {
    const people = createPeople(rig, { callsPerMinute: 1, previewCallsPerDay: 1 });
    const unit = await people.hold("a");
    expect(await people.reserve("a")).toEqual({ word: "held", unit });
    expect(await people.commit(unit)).toBe("go");
    expect(await people.reserve("a")).toEqual({ word: "used", unit });
    expect((await people.read()).preview).toMatchObject({ used: 1, held: 0, left: 0 });
  });

  test("lets one call through, however many ask", async ({ rig }) => {
    const people = createPeople(rig);
    const unit = await people.hold("a");
    const words = await Promise.all(Array.from({ length: 8 }, () => people.commit(unit)));
    expect(words.filter((word) => word === "go")).toHaveLength(1);
    expect(words.filter((word) => word === "used")).toHaveLength(7);
  });

  test.for(["held", "used"] as const)(
    "that is %s goes back once, with all that it took",
    async (is, { rig }) => {
      const people = createPeople(rig, { previewCallsPerDay: 1, callsPerMinute: 1, allCallsPerDay: 1 });
      const fresh = await people.read();
      const unit = is === "held" ? await people.hold("a") : await people.use("a");
      expect(await people.reserve("b")).toMatchObject({ word: "wait" });
      expect(await people.release(unit)).toBe("released");
      expect(await people.release(unit)).toBe("gone");
      expect(await people.read()).toEqual(fresh);
      expect(await people.reserve("b")).toMatchObject({ word: "held" });
    },
  );

  test("that went back, or was never held, lets no call through", async ({ rig }) => {
    const people = createPeople(rig);
    const unit = await people.hold("a");
    await people.release(unit);
    const before = await rig.dump();
    expect(await people.commit(unit)).toBe("gone");
    expect(await people.commit({ ...unit, name: "other" })).toBe("gone");
    expect(await rig.dump()).toEqual(before);
  });

  test("belongs to its API, and to its account", async ({ rig }) => {
    const people = createPeople(rig, { previewCallsPerDay: 1, deleteCallsPerDay: 1 });
    const unit = await people.hold("a");
    expect(await people.reserve("a", "delete")).toMatchObject({ word: "held" });
    expect(await people.commit({ ...unit, api: "uploadNews" })).toBe("gone");
    await rig.spend(unit.day, 100, "other");
    expect(await people.commit(unit)).toBe("go");
  });
});

describe("a day", () => {
  const limits = { uploadNewsPerDay: 2, deleteCallsPerDay: 2, previewCallsPerDay: 2, callsPerMinute: 600 };

  test.for(["uploadNews", "delete", "preview"] as const)(
    "has as many units of %s as the account's limit says",
    async (api, { rig }) => {
      const people = createPeople(rig, limits);
      await people.use("a", api);
      await people.hold("b", api);
      const until = rig.limits().dayEndsAt;
      expect(await people.reserve("c", api)).toEqual({ word: "wait", reason: "daily-quota", until });
      expect((await people.read())[api]).toMatchObject({
        limit: 2,
        used: 1,
        held: 1,
        left: 0,
        stopped: null,
      });
    },
  );

  test("has no limit for other uploads, but for the budget over all calls", async ({ rig }) => {
    const free = createPeople(rig, { callsPerMinute: 600 });
    for (let at = 0; at < 150; at++) await free.use(`u${at}`, "upload");
    const bound = createPeople(rig, { callsPerMinute: 600, allCallsPerDay: 150 });
    expect(await bound.reserve("more", "upload")).toMatchObject({ word: "wait", reason: "daily-quota" });
  });

  test("that WeChat says is spent has nothing left, whatever we have counted", async ({ rig }) => {
    const people = createPeople(rig);
    const unit = await people.use("a");
    const held = await people.hold("b");
    await people.exhaust(unit);
    const until = rig.limits().dayEndsAt;
    expect(await people.reserve("c")).toEqual({ word: "wait", reason: "daily-quota", until });
    expect(await people.commit(held)).toBe("over");
    expect(await people.read()).toMatchObject({
      preview: { used: 1, held: 0, left: 0, stopped: { reason: "daily-quota", until } },
      delete: { left: 10, stopped: null },
    });
    rig.clock.set(until);
    expect(await people.reserve("c")).toMatchObject({ word: "held" });
    expect((await people.read()).preview).toMatchObject({ held: 1, left: 99, stopped: null });
  });

  test("begins anew at Shanghai's midnight, and is closed 3 s before it", async ({ rig }) => {
    const people = createPeople(rig, { previewCallsPerDay: 1 });
    const midnight = rig.limits().dayEndsAt;
    rig.clock.set(midnight - 3 * second - 1);
    await people.use("a");
    for (const before of [3 * second, 1]) {
      rig.clock.set(midnight - before);
      const wait = { word: "wait", reason: "daily-quota", until: midnight };
      expect(await people.reserve("u", "upload")).toEqual(wait);
    }
    rig.clock.set(midnight);
    expect(await people.read()).toMatchObject({
      ...{ day: "2031-03-05", resetsAt: midnight + 24 * 60 * minute },
      preview: { used: 0, held: 0, left: 1 },
    });
    expect((await people.use("a")).day).toBe("2031-03-05");
  });

  test.for([
    ["in its last 3 s", -3 * second],
    ["behind midnight", 0],
  ] as const)("gives a unit back that is to be used %s", async ([, at], { rig }) => {
    const people = createPeople(rig, { previewCallsPerDay: 1 });
    const unit = await people.hold("a");
    rig.clock.set(rig.limits().dayEndsAt + at);
    expect(await people.commit(unit)).toBe("over");
    expect(await people.commit(unit)).toBe("gone");
    expect(await rig.redis.hget(rig.keys.quota(account, unit.day), "calls:all")).toBe("0");
    expect(await rig.redis.zcard(rig.keys.minute(account))).toBe(0);
  });

  test("is kept until nobody asks for it any more", async ({ rig }) => {
    rig.clock.set("2126-03-04T12:00:00+08:00");
    const people = createPeople(rig);
    const end = rig.limits().dayEndsAt + 48 * 60 * minute;
    const key = rig.keys.quota(account, rig.limits().day);
    await people.exhaust({ api: "delete", day: rig.limits().day });
    expect(await rig.redis.pexpiretime(key)).toBe(end);
    await rig.redis.persist(key);
    await people.hold("a");
    expect(await rig.redis.pexpiretime(key)).toBe(end);
  });
});

describe("the minute", () => {
  test("has a sixth that machines leave to people", async ({ rig }) => {
    const people = createPeople(rig, { callsPerMinute: 6 });
    const batch = await rig.planOne();
    for (let at = 0; at < 5; at++) expect((await rig.poll(batch, { minuteCalls: 5 })).word).toBe("go");
    const until = rig.clock.now() + minute;
    expect(await rig.poll(batch, { minuteCalls: 5 })).toEqual({ word: "wait", until });
    await people.use("a");
    expect(await people.reserve("b")).toEqual({ word: "wait", reason: "minute-quota", until });
    expect((await people.read()).minute).toMatchObject({ limit: 6, used: 6 });
  });

  test("tells machines when enough has passed, however much people have used of it", async ({ rig }) => {
    const people = createPeople(rig, { callsPerMinute: 6 });
    const batch = await rig.planOne();
    const start = rig.clock.now();
    for (let at = 0; at < 6; at++) {
      rig.clock.set(start + at * second);
      await people.use(`u${at}`, "upload");
    }
    const until = start + second + minute;
    expect(await rig.poll(batch, { minuteCalls: 5 })).toEqual({ word: "wait", until });
    rig.clock.set(until - 1);
    expect(await rig.poll(batch, { minuteCalls: 5 })).toEqual({ word: "wait", until });
    rig.clock.set(until);
    expect(await rig.poll(batch, { minuteCalls: 5 })).toMatchObject({ word: "go" });
  });

  test("counts a call from when it is made, not from when its unit was held", async ({ rig }) => {
    const people = createPeople(rig, { callsPerMinute: 1 });
    const unit = await people.hold("a");
    rig.clock.advance(minute - 1);
    expect(await people.commit(unit)).toBe("go");
    const until = rig.clock.now() + minute;
    rig.clock.advance(minute - 1);
    expect(await people.reserve("b")).toEqual({ word: "wait", reason: "minute-quota", until });
  });

  test("asks a unit to wait whose place has passed, and to whom others came first", async ({ rig }) => {
    const people = createPeople(rig, { callsPerMinute: 1 });
    const unit = await people.hold("a");
    rig.clock.advance(minute);
    await people.use("b");
    const until = rig.clock.now() + minute;
    expect(await people.commitOr(unit)).toEqual({ word: "wait", until });
    expect((await people.read()).preview).toMatchObject({ used: 1, held: 1 });
    rig.clock.set(until);
    expect(await people.commitOr(unit)).toEqual({ word: "go" });
    expect((await people.read()).minute.used).toBe(1);
  });
});
