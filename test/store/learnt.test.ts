import { expect } from "vitest";
import type { SendUnit } from "../../src/campaign/quota.ts";
import type { BatchAddress } from "../../src/store/keys.ts";
import { createOutcome } from "../../workers/outcome.ts";
import { createPeople } from "./quota-rig.ts";
import { minute, type Rig, second, test, timing, trouble, twoOf } from "./rig.ts";

const midnight = new Date("2031-03-05T00:00:00+08:00").getTime();
const april = new Date("2031-04-01T00:00:00+08:00").getTime();

/** A send that begins now and that WeChat answers `takesMs` later with "not now". */
async function meet(
  rig: Rig,
  address: BatchAddress,
  errcode: number,
  wait: "day" | "month" | "minute",
  takesMs = 0,
  { sendUnit = "call" }: { sendUnit?: SendUnit } = {},
) {
  const record = createOutcome({
    calls: rig.calls,
    tokenOf: () => ({}) as never,
    remedyOf: () => undefined,
    wakeBatch: async () => {},
    replaceMedia: async () => "never" as const,
    resendWaitMs: minute,
    clock: rig.clock,
  });
  const { day, dayEndsAt } = rig.limits();
  const batch = await rig.get(address);
  const epoch = await rig.go(address, { sendUnit });
  rig.clock.advance(takesMs);
  const call = { address, batch, epoch, day, dayEndsAt, sendUnit, leaseMs: timing.leaseMs };
  await record(
    { ...call, job: { note: async () => {} } as never },
    {
      ...{ kind: "not-now", wait, error: { errcode, message: "spent" } },
    },
  );
}

test.for([45009, 45028])(
  "%i ends the day's sends at once, whatever we have counted",
  async (errcode, { rig }) => {
    const [one, two] = await twoOf(rig);
    await meet(rig, one, errcode, "day");
    const { send, preview } = await createPeople(rig).read();
    expect(send).toMatchObject({
      limit: 100,
      used: 1,
      left: 0,
      stopped: { reason: "daily-quota", until: midnight },
    });
    expect(preview).toMatchObject({ left: 100, stopped: null });
    expect(await rig.begin(two)).toMatchObject({ word: "wait", reason: "daily-quota", until: midnight });
    rig.clock.set(midnight);
    expect((await createPeople(rig).read()).send).toMatchObject({ used: 0, left: 100, stopped: null });
    expect((await rig.begin(two)).word).toBe("go");
  },
);

test("45028 met again by a new day's first call ends the month's", async ({ rig }) => {
  const [one, two] = await twoOf(rig);
  await meet(rig, one, 45028, "day");
  rig.clock.set(midnight);
  await meet(rig, two, 45028, "day");
  const { send } = await createPeople(rig).read();
  expect(send).toMatchObject({ left: 0, stopped: { reason: "month", until: april } });
  rig.clock.set(april - minute);
  expect(await rig.begin(one)).toMatchObject({ word: "wait", reason: "month", until: april });
});

test("45028 is told from a day's first call though that one's unit went back", async ({ rig }) => {
  const [one, two] = await twoOf(rig);
  const unit = { sendUnit: "batch" } as const;
  await meet(rig, one, 45028, "day", 0, unit);
  rig.clock.set(midnight);
  await rig.postpone(two, await rig.go(two, unit), unit);
  await meet(rig, two, 45028, "day", 0, unit);
  expect((await createPeople(rig).read()).send.stopped).toMatchObject({ reason: "daily-quota" });
});

test("45011 stops the minute, of people too, whatever we have counted", async ({ rig }) => {
  const [one, two] = await twoOf(rig);
  const people = createPeople(rig);
  const until = rig.clock.now() + minute;
  await meet(rig, one, 45011, "minute");
  expect(await people.read()).toMatchObject({
    send: { left: 99, stopped: null },
    minute: { limit: 60, used: 1, stopped: { reason: "minute-quota", until } },
  });
  expect(await rig.begin(two)).toMatchObject({ word: "wait", reason: "minute-quota", until });
  expect(await people.reserve("a")).toEqual({ word: "wait", reason: "minute-quota", until });
  rig.clock.set(until);
  expect((await people.read()).minute.stopped).toBeNull();
  expect(await people.reserve("a")).toMatchObject({ word: "held" });
});

test("an answer that comes behind midnight ends the day of its call, not the new one", async ({ rig }) => {
  const [one, two] = await twoOf(rig);
  rig.clock.set(midnight - 4 * second);
  await meet(rig, one, 45009, "day", 10 * second);
  expect((await createPeople(rig).read()).send).toMatchObject({ left: 100, stopped: null });
  expect((await rig.begin(two)).word).toBe("go");
});

test("and likewise at the end of a month", async ({ rig }) => {
  const [one, two] = await twoOf(rig);
  rig.clock.set(april - 4 * second);
  await meet(rig, one, 45028, "month", 10 * second);
  // Past the account's gate: all that is left to do is to admit its people in the new month.
  expect(await rig.begin(two)).toMatchObject({ word: "wait", reason: "other-month" });
});

test.for([
  ["trouble of the account", { reason: "account", firstMs: minute, capMs: minute }],
  ["a full minute", { reason: "minute-quota", till: midnight - 10_000 }],
] as const)("a day that is spent stays so, whatever shorter stop comes: %s", async ([, shorter], { rig }) => {
  const [one, two] = await twoOf(rig);
  await meet(rig, one, 45009, "day");
  const block = { ...shorter, trouble };
  expect(await rig.blocks.put("acme", block, rig.clock.now())).toBe(midnight);
  rig.clock.set(midnight - 5_000);
  expect(await rig.begin(two)).toMatchObject({ reason: "daily-quota", until: midnight });
});

test("a longer stop takes the place of a shorter one, and of trouble of the account any stop does", async ({
  rig,
}) => {
  const now = rig.clock.now();
  const stop = (reason: "month" | "minute-quota" | "daily-quota", till: number) =>
    rig.blocks.put("acme", { reason, till, trouble }, now);
  await stop("minute-quota", now + minute);
  expect(await stop("daily-quota", midnight)).toBe(midnight);
  expect(await stop("month", april)).toBe(april);
  expect(await stop("daily-quota", midnight)).toBe(april);
  rig.clock.set(april);
  const account = { reason: "account", firstMs: 10 * minute, capMs: 10 * minute, trouble } as const;
  await rig.blocks.put("acme", account, april);
  const till = april + minute;
  expect(await rig.blocks.put("acme", { reason: "minute-quota", till, trouble }, april)).toBe(till);
});
