import { test as base, describe, expect } from "vitest";
import { type BookingRig, createBookingRig, person, persons } from "./booking-rig.ts";
import { account, openRig, type Rig } from "./rig.ts";

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
  test("to a stored list of any length, in whatever shards, each of its people once", async ({
    desk,
    rig,
  }) => {
    const stored = async function* () {
      yield [...persons(30_000), ...persons(10), "nobody"];
      yield persons(20_000, 30_000);
    };
    const { id } = await rig.lists.store(stored(), { now: rig.clock.now() });
    const audience = { type: "list" as const, audienceId: id };
    const { booking } = await desk.book({ audience, note: "console" });
    expect(booking.audience).toEqual({
      type: "list",
      received: 50_011,
      invalid: 1,
      duplicate: 10,
      booked: 50_000,
    });
    expect((await desk.histogram()).users).toEqual({ ...none, 1: 50_000 });
    expect(await desk.used(person(49_999))).toBe(1);
  });

  test("to a stored list, finished by its repeat after a crash, in another month too", async ({
    desk,
    rig,
  }) => {
    const lines = async function* () {
      yield persons(3_000);
    };
    const { id } = await rig.lists.store(lines(), { now: rig.clock.now() });
    const audience = { type: "list" as const, audienceId: id };
    const march = desk.month();
    await rig.caps.open({ account, month: march }, { shards: 16 });
    await desk.crash({ audience }, 5, "key");
    rig.clock.set("2031-04-02T12:00:00+08:00");
    const { booking, isNew } = await desk.book({ audience }, "key");
    expect([booking.month, isNew]).toEqual([march, false]);
    expect((await desk.histogram(march)).users).toEqual({ ...none, 1: 3_000 });
    expect((await desk.histogram()).users).toEqual(none);
  });

  test.for([
    ["that is not there", undefined],
    ["of another account's followers", { account: "other" }],
    ["that is still being read", { state: "reading" }],
  ] as const)("to no list %s", async ([, change], { desk, rig }) => {
    const lines = async function* () {
      yield persons(3);
    };
    const { id } = await rig.lists.store(lines(), { now: rig.clock.now() });
    if (change) await rig.redis.hset(rig.keys.storedList(id), change);
    else await rig.lists.remove(id);
    await expect(desk.book({ audience: { type: "list", audienceId: id } })).rejects.toMatchObject({
      ...{ code: "INVALID_PARAMETER", details: { errors: [{ path: "audience.audienceId" }] } },
    });
  });
});
