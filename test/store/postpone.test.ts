import { describe, expect } from "vitest";
import { nextDay, nextMonth } from "../../src/campaign/calendar.ts";
import { idOf } from "../../src/store/keys.ts";
import { account, hour, minute, type Rig, test, trouble, twoOf } from "./rig.ts";

const missed = { neverLeft: true, delayMs: 1_000, capMs: 60_000 };
const ofAccount = { reason: "account", firstMs: 10 * minute, capMs: hour, trouble } as const;

describe("a call without effect makes the batch what it was before it", () => {
  test("planned, and no longer in doubt, when it was the first", async ({ rig }) => {
    const batch = await rig.planOne();
    expect(await rig.postpone(batch, await rig.go(batch))).toMatchObject({ state: "planned", next: "" });
    const record = await rig.get(batch);
    expect(record).toMatchObject({ state: "planned", calls: 1, epoch: 1, trouble });
    expect(record.doubtSince).toBeUndefined();
    expect(await rig.inDoubt()).toEqual([]);
    expect(await rig.units()).toHaveLength(1);
  });

  test("unknown, and in doubt since the first call, when that one is in doubt", async ({ rig }) => {
    const batch = await rig.planOne();
    const since = rig.clock.now();
    await rig.doubt(batch, await rig.go(batch));
    rig.clock.advance(minute);
    expect(await rig.postpone(batch, await rig.go(batch))).toMatchObject({ state: "unknown" });
    expect(await rig.get(batch)).toMatchObject({ state: "unknown", doubtSince: since, calls: 2 });
    expect(await rig.inDoubt()).toEqual([idOf(batch)]);
  });

  test("and hands the turn on", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    const epoch = await rig.go(one);
    await rig.begin(two);
    expect(await rig.postpone(one, epoch)).toMatchObject({ next: idOf(two) });
  });
});

describe("a call that never left", () => {
  test("gives back its unit, its place in the minute and its count", async ({ rig }) => {
    const batch = await rig.planOne();
    const epoch = await rig.go(batch);
    const until = rig.clock.now() + 1_000;
    expect(await rig.postpone(batch, epoch, missed)).toEqual({ state: "planned", until, next: "" });
    expect(await rig.get(batch)).toMatchObject({ state: "planned", calls: 0, epoch: 1, notBefore: until });
    expect(await rig.units()).toEqual([]);
    expect(await rig.redis.zcard(rig.keys.minute(account))).toBe(0);
  });

  test("gives back its own unit only, and one more call has another name than what may have left", async ({
    rig,
  }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch));
    rig.clock.advance(minute);
    expect(await rig.postpone(batch, await rig.go(batch), missed)).toMatchObject({ state: "unknown" });
    expect(await rig.units()).toEqual([`${idOf(batch)}#1`]);
    rig.clock.advance(minute);
    expect(await rig.go(batch)).toBe(3);
    expect((await rig.units()).sort()).toEqual([`${idOf(batch)}#1`, `${idOf(batch)}#2`]);
    expect((await rig.get(batch)).calls).toBe(2);
  });

  test("gives its unit back to the day that it was taken from", async ({ rig }) => {
    rig.clock.set("2031-03-04T23:59:55+08:00");
    const batch = await rig.planOne();
    const epoch = await rig.go(batch);
    rig.clock.set("2031-03-05T00:00:05+08:00");
    await rig.postpone(batch, epoch, { ...missed, day: "2031-03-04" });
    expect(await rig.units("2031-03-04")).toEqual([]);
  });

  test("is made again after 1 s, doubling to 60 s", async ({ rig }) => {
    const batch = await rig.planOne();
    const waits: number[] = [];
    for (let miss = 0; miss < 8; miss++) {
      const { until } = await rig.postpone(batch, await rig.go(batch), missed);
      waits.push((until - rig.clock.now()) / 1_000);
      rig.clock.set(until - 1);
      expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "backoff", until });
      rig.clock.set(until);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });
});

test.for(["doubt", "postpone"] as const)(
  "what leaves again is no longer counted as having missed: %s",
  async (outcome, { rig }) => {
    const batch = await rig.planOne();
    for (let miss = 0; miss < 3; miss++)
      rig.clock.set((await rig.postpone(batch, await rig.go(batch), missed)).until);
    await rig[outcome](batch, await rig.go(batch));
    rig.clock.advance(minute);
    const { until } = await rig.postpone(batch, await rig.go(batch), missed);
    expect(until - rig.clock.now()).toBe(1_000);
  },
);

describe("trouble of the account", () => {
  /** Meets it once more, as soon as the stop before has ended; answers how long the next one is. */
  async function meet(rig: Rig, batch: Parameters<Rig["go"]>[0]): Promise<number> {
    const { until } = await rig.postpone(batch, await rig.go(batch), { block: ofAccount });
    const length = until - rig.clock.now();
    rig.clock.set(until);
    return length / minute;
  }

  test("stops every call of the account, and is tried again after 10, 20, 40 minutes, then hourly", async ({
    rig,
  }) => {
    const [batch, other] = await twoOf(rig);
    const since = rig.clock.now();
    const { until } = await rig.postpone(batch, await rig.go(batch), { block: ofAccount });
    expect(until).toBe(since + 10 * minute);
    expect(await rig.begin(other)).toMatchObject({ word: "wait", reason: "account", until });
    expect(await rig.blocks.of(account)).toEqual({ reason: "account", until, since, trouble });
    rig.clock.set(until);
    const waits = [
      await meet(rig, batch),
      await meet(rig, other),
      await meet(rig, batch),
      await meet(rig, batch),
    ];
    expect(waits).toEqual([20, 40, 60, 60]);
    expect((await rig.blocks.of(account))?.since).toBe(since);
  });

  test("that many meet at the same time counts once", async ({ rig }) => {
    const until = rig.clock.now() + 10 * minute;
    for (let job = 0; job < 20; job++)
      expect(await rig.blocks.put(account, ofAccount, rig.clock.now() + job)).toBe(until);
    rig.clock.set(until);
    expect(await rig.blocks.put(account, ofAccount, until)).toBe(until + 20 * minute);
  });

  test("is over when WeChat stops the account for another reason, such as the day's quota", async ({
    rig,
  }) => {
    const batch = await rig.planOne();
    await meet(rig, batch);
    const till = rig.clock.now() + hour;
    await rig.postpone(batch, await rig.go(batch), { block: { reason: "daily-quota", till, trouble } });
    const block = await rig.blocks.of(account);
    expect(block).toMatchObject({ reason: "daily-quota", until: till });
    expect(block?.since).toBeUndefined();
    rig.clock.set(till);
    expect(await meet(rig, batch)).toBe(10);
  });

  test("is none for an account that has met nothing", async ({ rig }) => {
    expect(await rig.blocks.of(account)).toBeUndefined();
  });
});

describe("45028, the quota of mass sends is used up,", () => {
  const noQuota = (rig: Rig) => {
    const now = rig.clock.now();
    const spent = { spentDay: rig.limits().day, monthEndsAt: nextMonth(now) };
    return { reason: "daily-quota", till: nextDay(now), trouble, ...spent } as const;
  };
  const meet = async (rig: Rig, batch: Parameters<Rig["go"]>[0]) =>
    rig.postpone(batch, await rig.go(batch), { block: noQuota(rig) });

  test("stops the account until Shanghai midnight", async ({ rig }) => {
    const batch = await rig.planOne();
    const { until } = await meet(rig, batch);
    expect(until).toBe(new Date("2031-03-05T00:00:00+08:00").getTime());
    expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "daily-quota", until });
  });

  test("met again by the first call of a new day, until the next month", async ({ rig }) => {
    const batch = await rig.planOne();
    rig.clock.set((await meet(rig, batch)).until);
    const { until } = await meet(rig, batch);
    expect(until).toBe(new Date("2031-04-01T00:00:00+08:00").getTime());
    expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "month", until });
  });

  test("met by a later call of a new day, until midnight again", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    rig.clock.set((await meet(rig, one)).until);
    await rig.doubt(two, await rig.go(two));
    expect((await meet(rig, one)).until).toBe(new Date("2031-03-06T00:00:00+08:00").getTime());
  });

  test("met after a day on which a send went through, until midnight again", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    rig.clock.set((await meet(rig, one)).until);
    await rig.go(two);
    await rig.accept(two, "1000");
    rig.clock.advance(24 * hour);
    expect((await meet(rig, one)).until).toBe(new Date("2031-03-07T00:00:00+08:00").getTime());
  });
});

describe("trouble of one message", () => {
  test("stops its campaign alone, until a person has put it right", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    const other = await rig.planOne("other");
    await rig.postpone(one, await rig.go(one), { stop: true });
    expect((await rig.campaigns.get({ account, id: one.campaign })).stopped).toEqual(trouble);
    expect(await rig.begin(two)).toMatchObject({ word: "wait", reason: "content", until: null });
    expect((await rig.begin(other)).word).toBe("go");
  });
});
