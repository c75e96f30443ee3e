import fc from "fast-check";
import { describe, expect } from "vitest";
import { capsKeptUntil } from "../../src/campaign/calendar.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import {
  crashAfter,
  giveBackOf,
  job,
  membersOf,
  openid,
  planOf,
  readmitOf,
  sumsHold,
  takeIn,
} from "./plan-rig.ts";
import { account, minute, type Rig, second, test } from "./rig.ts";

const everybody = (count: number, from = 0) => Array.from({ length: count }, (_, at) => openid(from + at));
const april = { account, month: "2031-04" };

const toEndOfMarch = (rig: Rig) => rig.clock.set(Date.parse("2031-03-31T12:00:00+08:00"));
const toApril = (rig: Rig) => rig.clock.set(Date.parse("2031-04-01T00:00:01+08:00"));

async function plan(rig: Rig, id: string, people: readonly OpenId[], limit = 4): Promise<Campaign> {
  return planOf(rig)(await takeIn(rig, id, people, { perUserPerMonth: limit }), job);
}

/** Everybody of these has had their messages of the month that begins. */
async function fill(rig: Rig, people: readonly OpenId[], times: number): Promise<void> {
  for (let time = 0; time < times; time++)
    await plan(rig, `fill-${time}-${people[0]}-${rig.clock.now()}`, people);
}

const addressOf = (campaign: Campaign, number = 1) => ({ account, campaign: campaign.id, number });

async function readmit(
  rig: Rig,
  campaign: Campaign,
  number = 1,
  parts: Partial<Rig> = {},
): Promise<Campaign> {
  const batch = await rig.get(addressOf(campaign, number));
  await readmitOf({ ...rig, ...parts }, { shards: 24 })(campaign, batch, job);
  return rig.campaigns.get(campaign);
}

const usedInApril = (rig: Rig, people: readonly OpenId[]) =>
  Promise.all(people.map((person) => rig.caps.used(april, person)));

describe("a batch that slips past the end of its month", () => {
  test("is stopped by the gate, admitted again, and then let through", async ({ rig }) => {
    toEndOfMarch(rig);
    const campaign = await plan(rig, "offer", everybody(5));
    const before = await rig.get(addressOf(campaign));
    toApril(rig);
    expect(await rig.begin(addressOf(campaign))).toMatchObject({ word: "wait", reason: "other-month" });
    await readmit(rig, campaign);
    const after = await rig.get(addressOf(campaign));
    expect(after).toMatchObject({ state: "planned", number: 1, size: 5, month: "2031-04", readmitted: true });
    expect(after.clientmsgid).not.toBe(before.clientmsgid);
    expect(await usedInApril(rig, everybody(5))).toEqual([1, 1, 1, 1, 1]);
    expect((await rig.begin(addressOf(campaign))).word).toBe("go");
  });

  test("loses who is at the cap there: they count as capped, and the sums hold", async ({ rig }) => {
    toEndOfMarch(rig);
    const people = everybody(10_000);
    const campaign = await plan(rig, "offer", [...people, ...everybody(50, 20_000)]);
    expect(campaign.planned).toBe(2);
    const members = await membersOf(rig, campaign);
    toApril(rig);
    const full = (members[0] ?? []).slice(100, 400);
    await fill(rig, full, 4);
    const readmitted = await readmit(rig, campaign);
    expect(readmitted.audience).toMatchObject({ admitted: 9_750, capped: 300 });
    expect(sumsHold(readmitted.audience)).toBe(true);
    const [first, second] = await membersOf(rig, readmitted);
    expect(first).toEqual((members[0] ?? []).filter((person) => !full.includes(person)));
    expect(second).toEqual(members[1]);
    expect(await rig.lookup.recipient(readmitted, full[0] ?? "")).toEqual({ outcome: "capped", batch: 1 });
    expect(await rig.lookup.recipient(readmitted, first?.[0] ?? "")).toEqual({
      outcome: "admitted",
      batch: 1,
    });
  });

  test.for([
    [1, 4, 1],
    [0, 5, 0],
  ] as const)(
    "with %i left is canceled without anybody: %i capped, %i excluded",
    async ([left, capped, excluded], { rig }) => {
      toEndOfMarch(rig);
      const campaign = await plan(rig, "offer", everybody(5));
      toApril(rig);
      await fill(rig, everybody(5 - left), 4);
      const readmitted = await readmit(rig, campaign);
      expect(await rig.get(addressOf(campaign))).toMatchObject({
        ...{ state: "canceled", closedBy: "month", size: 0, trouble: { code: "NOBODY_LEFT" } },
      });
      expect(readmitted.audience).toMatchObject({ admitted: 0, capped, excluded });
      expect(await usedInApril(rig, everybody(5, 5 - left).slice(0, left))).toEqual(left === 1 ? [0] : []);
      await giveBackOf(rig)(readmitted, await rig.batches.of(readmitted));
      expect(await usedInApril(rig, everybody(5 - left))).toEqual(Array(5 - left).fill(4));
      if (left === 1)
        expect(await rig.lookup.recipient(readmitted, openid(4))).toEqual({ outcome: "excluded", batch: 1 });
    },
  );

  test("is admitted once, whatever crash comes between, and by two workers at once", async ({ rig }) => {
    for (const writes of [0, 1, 2, 5, 10, 14, 15, 16, 17, 18, 19, 20]) {
      toEndOfMarch(rig);
      const people = everybody(30, 1_000 * writes);
      const campaign = await plan(rig, `offer-${writes}`, people);
      toApril(rig);
      await fill(rig, people.slice(0, 3), 4);
      const crashing = crashAfter(writes);
      const { reservations } = rig;
      const broken = {
        ...reservations,
        readmitShard: crashing(reservations.readmitShard),
        readmitBatch: crashing(reservations.readmitBatch),
      };
      await readmit(rig, campaign, 1, { reservations: broken }).catch(() => {});
      await Promise.all([readmit(rig, campaign), readmit(rig, campaign)]);
      expect((await rig.campaigns.get(campaign)).audience).toMatchObject({ admitted: 27, capped: 3 });
      expect(await usedInApril(rig, people)).toEqual(people.map((_, at) => (at < 3 ? 4 : 1)));
    }
  });

  test("and is canceled half way gives back what it took in both months", async ({ rig }) => {
    toEndOfMarch(rig);
    const campaign = await plan(rig, "offer", everybody(30));
    toApril(rig);
    const { reservations } = rig;
    const broken = {
      ...reservations,
      readmitBatch: async () => {
        throw new Error("crash");
      },
    };
    await readmit(rig, campaign, 1, { reservations: broken }).catch(() => {});
    expect(await usedInApril(rig, everybody(30))).toEqual(Array(30).fill(1));
    await rig.drop(addressOf(campaign));
    for (let time = 0; time < 2; time++) await giveBackOf(rig)(campaign, await rig.batches.of(campaign));
    expect(await usedInApril(rig, everybody(30))).toEqual(Array(30).fill(0));
    expect(await rig.caps.used({ account, month: "2031-03" }, openid(3))).toBe(0);
  });

  test("may slip again, and again half way", async ({ rig }) => {
    toEndOfMarch(rig);
    const campaign = await plan(rig, "offer", everybody(6));
    toApril(rig);
    await readmit(rig, campaign);
    rig.clock.set(capsKeptUntil("2031-03") + second);
    const crash = async () => {
      throw new Error("crash");
    };
    const broken = { reservations: { ...rig.reservations, readmitBatch: crash } };
    await readmit(rig, campaign, 1, broken).catch(() => {});
    rig.clock.set(capsKeptUntil("2031-04") + second);
    await readmit(rig, campaign);
    expect(await rig.get(addressOf(campaign))).toMatchObject({ month: "2031-06", size: 6 });
    const used = (month: string) => rig.caps.used({ account, month }, openid(2));
    expect([await used("2031-05"), await used("2031-06")]).toEqual([0, 1]);
  });

  test("in doubt goes to a person, its people as they were", async ({ rig }) => {
    toEndOfMarch(rig);
    rig.clock.set(Date.parse("2031-03-31T23:58:00+08:00"));
    const campaign = await plan(rig, "offer", everybody(5));
    const epoch = await rig.go(addressOf(campaign));
    await rig.doubt(addressOf(campaign), epoch);
    const before = await rig.get(addressOf(campaign));
    rig.clock.advance(5 * minute);
    expect(await rig.begin(addressOf(campaign))).toMatchObject({ word: "drop", why: "month" });
    await readmit(rig, campaign);
    expect(await rig.get(addressOf(campaign))).toEqual(before);
    expect(await usedInApril(rig, everybody(5))).toEqual([0, 0, 0, 0, 0]);
  });

  test("waits where another process is in the next month already", async ({ rig }) => {
    toApril(rig);
    const campaign = await plan(rig, "offer", everybody(5));
    const until = Date.parse("2031-04-01T00:00:00+08:00");
    await rig.setCampaign("offer", { sendableAt: 0 });
    rig.clock.set(until - 10 * second);
    expect(await rig.begin(addressOf(campaign))).toMatchObject({ word: "wait", reason: "month", until });
  });

  test("keeps all sums over any mix of months, caps and slips", async ({ rig }) => {
    let round = 0;
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat({ max: 12 }), async (overlap, filled) => {
        round += 1;
        const [month, next] = [`20${40 + round}-03`, `20${40 + round}-04`];
        rig.clock.set(Date.parse(`${month}-20T12:00:00+08:00`));
        const plans: Campaign[] = [];
        for (const [index, size] of overlap.entries())
          plans.push(await plan(rig, `offer-${round}-${index}`, everybody(size)));
        rig.clock.set(Date.parse(`${next}-20T12:00:00+08:00`));
        if (filled > 1) await fill(rig, everybody(filled), 3);
        const used = new Map<OpenId, number>(everybody(filled > 1 ? filled : 0).map((id) => [id, 3]));
        for (const campaign of plans) {
          const readmitted = campaign.planned > 0 ? await readmit(rig, campaign) : campaign;
          expect(sumsHold(readmitted.audience)).toBe(true);
          const batches = await rig.batches.of(readmitted);
          expect(readmitted.audience.admitted).toBe(batches.reduce((sum, { size }) => sum + size, 0));
          for (const batch of batches)
            for (const person of batch.size > 0 ? await rig.audiences.members(readmitted, batch) : [])
              used.set(person, (used.get(person) ?? 0) + 1);
        }
        const people = everybody(12);
        const counts = people.map((person) => used.get(person) ?? 0);
        expect(await Promise.all(people.map((id) => rig.caps.used({ account, month: next }, id)))).toEqual(
          counts,
        );
        expect(Math.max(...counts)).toBeLessThanOrEqual(4);
      }),
      { numRuns: 15 },
    );
  });
});
