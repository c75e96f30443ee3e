import { test as base, describe, expect } from "vitest";
import { dayOf } from "../../src/campaign/calendar.ts";
import { all, type BookingRig, createBookingRig, listOf, person, persons } from "./booking-rig.ts";
import { account, hour, minute, openRig, type Rig, twoOf } from "./rig.ts";

const test = base.extend<{ rig: Rig; desk: BookingRig }>({
  rig: async ({ task: _task }, use) => {
    const rig = openRig();
    await use(rig);
    await rig.quit();
  },
  desk: async ({ rig }, use) => use(createBookingRig(rig)),
});

const none = { 1: 0, 2: 0, 3: 0, 4: 0 };

describe("a send outside qunfa is booked", () => {
  test("to a list: each of its people counts once, malformed entries and repeats are told", async ({
    desk,
    rig,
  }) => {
    const openids = [...persons(3), ` ${person(0)} `, "nobody", 7];
    const { booking, isNew } = await desk.book({ audience: listOf(openids), note: "console" });
    expect(isNew).toBe(true);
    expect(booking).toMatchObject({
      account,
      month: "2031-03",
      note: "console",
      audience: { type: "openids", received: 6, invalid: 2, duplicate: 1, booked: 3 },
      bookedAt: rig.clock.now(),
      done: true,
    });
    expect(await desk.bookings.find(account, booking.id)).toEqual(booking);
    expect(await Promise.all(persons(4).map((openid) => desk.used(openid)))).toEqual([1, 1, 1, 0]);
    expect(await desk.histogram()).toEqual({ users: { ...none, 1: 3 }, base: 0, followers: null });
  });

  test("to everybody: who has no number of their own has one too", async ({ desk }) => {
    await desk.book({ audience: listOf(persons(2)) });
    const { booking } = await desk.book({ audience: all });
    expect(booking.audience).toEqual({
      type: "all",
      received: null,
      invalid: null,
      duplicate: null,
      booked: null,
    });
    expect(await desk.used(person(0))).toBe(2);
    expect(await desk.used(person(9))).toBe(1);
    expect(await desk.histogram()).toEqual({ users: { ...none, 2: 2 }, base: 1, followers: null });
  });

  test("anew by each call that has neither msg_id nor key", async ({ desk }) => {
    const ids = new Set<string>();
    for (let time = 0; time < 6; time++)
      ids.add((await desk.book({ audience: listOf([person(0)]) })).booking.id);
    expect(ids.size).toBe(6);
    expect(await desk.used(person(0))).toBe(6);
    expect(await desk.histogram()).toMatchObject({ users: { ...none, 4: 1 } });
  });

  test("in the month in which its result came", async ({ desk, rig }) => {
    rig.clock.set("2031-03-31T23:59:00+08:00");
    await desk.comes("1000");
    rig.clock.set("2031-04-01T00:01:00+08:00");
    expect((await desk.book({ audience: all, msgId: "1000" })).booking.month).toBe("2031-03");
    expect((await desk.book({ audience: all, msgId: "2000" })).booking.month).toBe("2031-04");
    expect((await desk.histogram("2031-03")).base).toBe(1);
    expect((await desk.histogram("2031-04")).base).toBe(1);
  });

  test("of 100,000 people, in shards that stay small", async ({ desk }) => {
    const people = persons(100_000);
    const { booking } = await desk.book({ audience: listOf(people) });
    expect(booking.audience.booked).toBe(100_000);
    expect((await desk.histogram()).users).toEqual({ ...none, 1: 100_000 });
  });
});

describe("a booking is made once", () => {
  const list = listOf(persons(40));

  test.for<[string, { msgId?: string }, string | undefined]>([
    ["its msg_id", { msgId: "1000" }, undefined],
    ["its key", {}, "key-1"],
    ["both", { msgId: "1000" }, "key-1"],
  ])("however often it is asked for, by %s", async ([_by, of, key], { desk, rig }) => {
    const first = await desk.book({ audience: list, ...of }, key);
    rig.clock.advance(hour);
    expect(await desk.book({ audience: list, ...of }, key)).toEqual({ ...first, isNew: false });
    expect(await desk.histogram()).toMatchObject({ users: { ...none, 1: 40 } });
  });

  test("when many ask for it at once: one of them is the first", async ({ desk }) => {
    for (const [msgId, audience] of [
      ["1000", list],
      ["2000", all],
    ] as const) {
      const asked = Array.from({ length: 8 }, () => desk.book({ audience, msgId }));
      const answers = await Promise.all(asked);
      expect(new Set(answers.map(({ booking }) => booking.id)).size).toBe(1);
      expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    }
    expect(await desk.histogram()).toMatchObject({ users: { ...none, 2: 40 }, base: 1 });
  });

  test("by a msg_id, though asked for with another audience and a key", async ({ desk }) => {
    const first = await desk.book({ audience: list, msgId: "1000" });
    const again = await desk.book({ audience: all, msgId: "1000" }, "key-1");
    expect(again).toEqual({ ...first, isNew: false });
    expect((await desk.histogram()).base).toBe(0);
    await expect(desk.book({ audience: list }, "key-1")).rejects.toMatchObject({ code: "ID_REUSED" });
  });

  test.for<[string, object]>([
    ["audience", { audience: listOf(persons(39)) }],
    ["kind of audience", { audience: all }],
    ["msg_id", { msgId: "1001" }],
    ["note", { note: "another" }],
  ])(
    "by a key, which with another %s is refused and counts nothing",
    async ([_what, change], { desk, rig }) => {
      const send = { audience: list, msgId: "1000", note: "one" };
      await desk.book(send, "key-1");
      const before = await rig.dump();
      await expect(desk.book({ ...send, ...change }, "key-1")).rejects.toMatchObject({ code: "ID_REUSED" });
      expect(await rig.dump()).toEqual(before);
    },
  );

  test("for its own account: another has msg_ids and keys of its own", async ({ desk, rig }) => {
    await desk.book({ audience: all, msgId: "1000" }, "key-1");
    const other = await desk.bookings.book(
      "other",
      { audience: list, msgId: "1000" },
      { key: "key-1", now: rig.clock.now() },
    );
    expect(other.isNew).toBe(true);
  });

  test("and remembered for 100 days at least", async ({ desk, rig }) => {
    const { booking } = await desk.book({ audience: all, msgId: "1000" }, "key-1");
    const { keys } = rig;
    for (const key of [
      keys.booking(account, booking.id),
      keys.bookingOfMessage(account, "1000"),
      keys.bookingOfKey(account, "key-1"),
    ])
      expect(await rig.redis.pttl(key)).toBeGreaterThan(99 * 24 * hour);
  });
});

describe("a booking cut short by a crash", () => {
  const list = listOf(persons(40));

  test.for([0, 1, 7, 30])(
    "after %i shards is finished by its repeat, and counts nobody twice",
    async (after, { desk }) => {
      const send = { audience: list, msgId: "1000" };
      await desk.crash(send, after);
      await desk.crash(send, after);
      const [{ booking, isNew }] = await Promise.all([desk.book(send), desk.book(send), desk.book(send)]);
      expect({ booked: booking.audience.booked, isNew }).toEqual({ booked: 40, isNew: false });
      expect(await desk.histogram()).toMatchObject({ users: { ...none, 1: 40 } });
    },
  );

  test("to everybody is finished by its repeat", async ({ desk }) => {
    await desk.crash({ audience: all }, 0, "key-1");
    expect((await desk.histogram()).base).toBe(0);
    await desk.book({ audience: all }, "key-1");
    await desk.book({ audience: all }, "key-1");
    expect((await desk.histogram()).base).toBe(1);
  });

  test("is finished with the audience that it was begun with, and with no other", async ({ desk, rig }) => {
    await desk.crash({ audience: list, msgId: "1000" }, 3);
    const before = await rig.dump();
    await expect(desk.book({ audience: all, msgId: "1000" })).rejects.toMatchObject({ code: "ID_REUSED" });
    expect(await rig.dump()).toEqual(before);
    expect((await desk.book({ audience: list, msgId: "1000" })).booking.done).toBe(true);
  });

  test("to everybody has used up the day that it was begun on", async ({ desk, rig }) => {
    await desk.crash({ audience: all }, 0, "key");
    const begun = dayOf(rig.clock.now());
    rig.clock.advance(24 * hour);
    expect((await desk.book({ audience: all }, "key")).isNew).toBe(false);
    const used = await rig.redis.keys(`{${rig.name}:*:quota:*`);
    expect(used.map((key) => key.split(":").at(-1))).toEqual([begun]);
  });

  test("is finished in the month that it was begun in", async ({ desk, rig }) => {
    rig.clock.set("2031-03-31T23:59:59+08:00");
    await desk.crash({ audience: list }, 3, "key-1");
    rig.clock.advance(minute);
    await desk.book({ audience: list }, "key-1");
    expect((await desk.histogram("2031-03")).users).toEqual({ ...none, 1: 40 });
    expect((await desk.histogram("2031-04")).users).toEqual(none);
  });
});

describe("a msg_id is not booked", () => {
  test("when a batch of ours has it", async ({ desk, rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    const before = await rig.dump();
    await expect(desk.book({ audience: all, msgId: "1000" }, "key-1")).rejects.toMatchObject({
      code: "MSG_ID_OWNED",
      message: expect.stringContaining("offer~1"),
    });
    expect(await rig.dump()).toEqual(before);
    expect((await desk.book({ audience: all }, "key-1")).isNew).toBe(true);
  });

  test("while a batch in doubt could own it, and is once that is settled", async ({ desk, rig }) => {
    const [batch, other] = await twoOf(rig);
    await desk.comes("1000");
    rig.clock.advance(hour);
    await rig.go(batch);
    rig.clock.advance(minute);
    await desk.comes("2000");
    rig.clock.advance(hour);
    for (const msgId of ["2000", "3000"])
      await expect(desk.book({ audience: all, msgId }), msgId).rejects.toMatchObject({
        code: "MSG_ID_IN_DOUBT",
        message: expect.stringContaining("offer~1"),
      });
    expect((await desk.book({ audience: all, msgId: "1000" })).isNew).toBe(true);

    await rig.accept(batch, "2000");
    await expect(desk.book({ audience: all, msgId: "2000" })).rejects.toMatchObject({ code: "MSG_ID_OWNED" });
    expect((await desk.book({ audience: all, msgId: "3000" })).isNew).toBe(true);
    expect((await desk.histogram()).base).toBe(2);
    expect(await rig.state(other)).toBe("planned");
  });

  test("while a batch under review could own it", async ({ desk, rig }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch));
    await rig.drop(batch);
    rig.clock.advance(24 * hour);
    await desk.comes("1000");
    await expect(desk.book({ audience: all, msgId: "1000" })).rejects.toMatchObject({
      code: "MSG_ID_IN_DOUBT",
    });
    expect((await desk.book({ audience: all })).isNew).toBe(true);
  });

  test("but not by a review whose call was so long before that the result can't be its own", async ({
    desk,
    rig,
  }) => {
    const batch = await rig.planOne();
    await rig.refuse(batch, await rig.go(batch), "review");
    rig.clock.advance(8 * 24 * hour - minute);
    await expect(desk.book({ audience: all, msgId: "1000" })).rejects.toMatchObject({
      code: "MSG_ID_IN_DOUBT",
    });
    rig.clock.advance(2 * minute);
    await desk.comes("1001");
    expect((await desk.book({ audience: all, msgId: "1001" })).isNew).toBe(true);
  });

  test("again, though a batch that came after it is in doubt: the repeat gets its answer", async ({
    desk,
    rig,
  }) => {
    const first = await desk.book({ audience: all, msgId: "1000" });
    await rig.go(await rig.planOne());
    expect(await desk.book({ audience: all, msgId: "1000" })).toEqual({ ...first, isNew: false });
  });
});
