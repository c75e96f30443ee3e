import fc from "fast-check";
import { describe, expect } from "vitest";
import { monthOf } from "../../src/campaign/calendar.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { createOpenMonth } from "../../workers/open-month.ts";
import { giveBackOf, job, membersOf, openid, planOf, sumsHold, takeIn } from "./plan-rig.ts";
import { account, first, type Rig, test } from "./rig.ts";

const capMonth = (rig: Rig) => ({ account, month: monthOf(rig.clock.now()) });

/** How many messages of this month each person has had, as the ledger counts them. */
async function usedBy(rig: Rig, people: readonly OpenId[]): Promise<number[]> {
  return Promise.all(people.map((person) => rig.caps.used(capMonth(rig), person)));
}

const everybody = (count: number) => Array.from({ length: count }, (_, at) => openid(at));

async function expectReserved(rig: Rig, campaigns: readonly Campaign[], count: number): Promise<void> {
  const expected = new Map<OpenId, number>();
  for (const campaign of campaigns)
    for (const person of (await membersOf(rig, campaign)).flat())
      expected.set(person, (expected.get(person) ?? 0) + 1);
  expect(await usedBy(rig, everybody(count))).toEqual(everybody(count).map((id) => expected.get(id) ?? 0));
}

describe("the monthly cap", () => {
  test("admits as many campaigns a person as a model does, whatever lists overlap and in whatever order", async ({
    rig,
  }) => {
    const list = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 60 });
    const one = fc.record({ list, limit: fc.integer({ min: 1, max: 4 }) });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 6 }), async (wishes) => {
        rig.clock.set(rig.clock.now() + 31 * 24 * 3_600_000);
        round += 1;
        const model = new Map<number, number>();
        const plans: Campaign[] = [];
        for (const [index, { list: people, limit }] of wishes.entries()) {
          const taken = await takeIn(rig, `offer-${round}-${index}`, people.map(openid), {
            perUserPerMonth: limit,
          });
          const planned = await planOf(rig)(taken, job);
          plans.push(planned);

          const distinct = [...new Set(people)];
          const under = distinct.filter((person) => (model.get(person) ?? 0) < limit);
          const admitted = under.length === 1 ? [] : under;
          for (const person of admitted) model.set(person, (model.get(person) ?? 0) + 1);
          await giveBackOf(rig)(planned, await rig.batches.of(planned));

          expect((await membersOf(rig, planned)).flat().sort()).toEqual(admitted.map(openid).sort());
          expect(planned.audience).toMatchObject({
            duplicate: people.length - distinct.length,
            capped: distinct.length - under.length,
            admitted: admitted.length,
          });
          expect(sumsHold(planned.audience)).toBe(true);
        }
        await expectReserved(rig, plans, 31);
        const counts = [...model.values()];
        const { users } = await rig.caps.histogram(capMonth(rig));
        expect(users).toEqual(
          Object.fromEntries([1, 2, 3, 4].map((n) => [n, counts.filter((count) => count === n).length])),
        );
      }),
      { numRuns: 25 },
    );
  });

  test("holds for six campaigns that are planned at once by several workers", async ({ rig }) => {
    const people = everybody(3_000);
    const lists = Array.from({ length: 6 }, (_, index) => people.filter((_, at) => at % 7 !== index));
    const taken = await Promise.all(lists.map((list, index) => takeIn(rig, `offer-${index}`, list)));
    const planned = await Promise.all(
      taken.flatMap((campaign) => [planOf(rig)(campaign, job), planOf(rig)(campaign, job)]),
    );
    const plans = planned.filter((_, index) => index % 2 === 0);
    const memberships = people.map((person) => lists.filter((list) => list.includes(person)).length);
    const capped = memberships.reduce((sum, count) => sum + Math.max(0, count - 4), 0);
    expect(plans.reduce((sum, { audience }) => sum + audience.capped, 0)).toBe(capped);
    expect(await usedBy(rig, people)).toEqual(memberships.map((count) => Math.min(count, 4)));
    await expectReserved(rig, plans, 3_000);
  });

  test("counts a send to everybody for all, those without a number of their own too", async ({ rig }) => {
    await rig.caps.open(capMonth(rig), { shards: 16, followers: 100 });
    const marks = rig.keys.campaign(account, "booking" as never);
    await rig.caps.bookAll(capMonth(rig), { marks, mark: "all", sentAt: rig.clock.now() });
    await rig.caps.bookAll(capMonth(rig), { marks, mark: "all", sentAt: rig.clock.now() });
    const planned = await planOf(rig)(await takeIn(rig, "offer", everybody(40), { perUserPerMonth: 1 }), job);
    expect(planned).toMatchObject({ planned: 0, reason: "NOBODY_TO_SEND", audience: { capped: 40 } });
    await planOf(rig)(await takeIn(rig, "second", everybody(40), { perUserPerMonth: 2 }), job);
    expect(await rig.caps.histogram(capMonth(rig))).toEqual({
      users: { 1: 60, 2: 40, 3: 0, 4: 0 },
      base: 1,
      followers: 100,
    });
    expect(await rig.caps.used(capMonth(rig), openid(999))).toBe(1);
  });

  test("asks WeChat once a month how many followers there are, also when a booking came first", async ({
    rig,
  }) => {
    const asked: string[] = [];
    const ask = (followers: number | undefined) =>
      createOpenMonth({
        caps: rig.caps,
        countFollowers: async (of) => {
          asked.push(of);
          return followers;
        },
      });
    expect(await rig.caps.open(capMonth(rig), { shards: 128 })).toBe(128);
    expect(await ask(500_000)(account, capMonth(rig).month, 10)).toBe(128);
    expect(await ask(9)(account, capMonth(rig).month, 10)).toBe(128);
    expect(await rig.caps.month(capMonth(rig))).toMatchObject({ shards: 128, followers: 500_000 });
    expect(await ask(undefined)(account, "2031-04", 10)).toBe(128);
    expect(await ask(500_000)(account, "2031-04", 10)).toBe(128);
    expect(await ask(500_000)(account, "2031-05", 10)).toBe(63);
    expect(asked).toEqual([account, account, account]);
  });

  test("of one month says nothing of the next", async ({ rig }) => {
    await planOf(rig)(await takeIn(rig, "march", everybody(10), { perUserPerMonth: 1 }), job);
    rig.clock.set(Date.parse("2031-03-31T23:59:59+08:00"));
    const late = await planOf(rig)(await takeIn(rig, "late", everybody(10), { perUserPerMonth: 1 }), job);
    expect(late.audience).toMatchObject({ capped: 10, admitted: 0 });
    rig.clock.set(Date.parse("2031-04-01T00:00:00+08:00"));
    const april = await planOf(rig)(await takeIn(rig, "april", everybody(10), { perUserPerMonth: 1 }), job);
    expect(april.audience).toMatchObject({ capped: 0, admitted: 10 });
    expect(april.month).toBe("2031-04");
  });
});

describe("a campaign that must reach all of its people or nobody", () => {
  test("is not sent when one is at the cap, reserves nothing and names how many", async ({ rig }) => {
    await planOf(rig)(await takeIn(rig, "first", everybody(3), { perUserPerMonth: 1 }), job);
    const before = await usedBy(rig, everybody(20));
    const list = [...everybody(20), openid(4), "bad"];
    const taken = await takeIn(rig, "second", list, { perUserPerMonth: 1, overCap: "fail" });
    const planned = await planOf(rig)(taken, job);
    expect(planned).toMatchObject({ planned: 0, reason: "OVER_CAP" });
    expect(planned.audience).toMatchObject({
      ...{ received: 22, invalid: 1, duplicate: 1, capped: 3, excluded: 17, admitted: 0 },
    });
    expect(await usedBy(rig, everybody(20))).toEqual(before);
  });

  test("gives all back when another takes somebody's last message while it reserves", async ({ rig }) => {
    const taken = await takeIn(rig, "second", everybody(200), { perUserPerMonth: 1, overCap: "fail" });
    let reads = 0;
    const caps = {
      ...rig.caps,
      // The other campaign comes between the pass that only counts and the one that reserves.
      read: async (...of: Parameters<typeof rig.caps.read>) => {
        reads += 1;
        if (reads === 17)
          await planOf(rig)(await takeIn(rig, "first", everybody(3), { perUserPerMonth: 1 }), job);
        return rig.caps.read(...of);
      },
    };
    const planned = await planOf({ ...rig, caps })(taken, job);
    expect(planned).toMatchObject({ planned: 0, reason: "OVER_CAP", audience: { capped: 3, excluded: 197 } });
    await giveBackOf(rig)(planned, []);
    await giveBackOf(rig)(planned, []);
    expect(await usedBy(rig, everybody(200))).toEqual(everybody(200).map((_, at) => (at < 3 ? 1 : 0)));
  });

  test("does not count its own reservations against itself after a crash", async ({ rig }) => {
    const taken = await takeIn(rig, "offer", everybody(200), { perUserPerMonth: 1, overCap: "fail" });
    let left = 5;
    const admit: typeof rig.audiences.admit = (...of) => {
      if (left-- <= 0) throw new Error("crash");
      return rig.audiences.admit(...of);
    };
    const crashing = planOf({ ...rig, audiences: { ...rig.audiences, admit } });
    await expect(crashing(taken, job)).rejects.toThrow("crash");
    const planned = await planOf(rig)(await rig.campaigns.get(taken), job);
    expect(planned.audience).toMatchObject({ capped: 0, admitted: 200 });
  });
});

describe("reservations", () => {
  const cases = [
    ["refused for good", "back", (rig: Rig, batch) => rig.refuse(batch, 1)],
    ["failed with nobody sent to, says a callback", "back", endAs({ total: 4, sent: 0 })],
    ["failed with somebody sent to", "stay", endAs({ total: 4, sent: 1 })],
    ["failed, its counts unknown", "stay", endAs(undefined)],
    ["failed, as only a poll says", "stay", endAs({ total: 4, sent: 0 }, "poll")],
    ["in need of a review", "stay", (rig: Rig, batch) => rig.refuse(batch, 1, "review")],
  ] as const satisfies readonly [string, "back" | "stay", (rig: Rig, batch: Address) => Promise<unknown>][];

  test.for(cases)("of a batch that is %s: %s", async ([, what, deed], { rig }) => {
    const planned = await planOf(rig)(await takeIn(rig, "offer", everybody(4)), job);
    const batch = { account, campaign: planned.id, number: 1 };
    await rig.go(batch);
    await deed(rig, batch);
    for (let time = 0; time < 2; time++) await giveBackOf(rig)(planned, await rig.batches.of(planned));
    expect(await usedBy(rig, everybody(4))).toEqual(Array(4).fill(what === "back" ? 0 : 1));
  });

  test("that stayed after a poll go back when the callback says that nobody was sent to", async ({ rig }) => {
    const planned = await planOf(rig)(await takeIn(rig, "offer", everybody(4)), job);
    const batch = { account, campaign: planned.id, number: 1 };
    await rig.go(batch);
    await endAs({ total: 4, sent: 0 }, "poll")(rig, batch);
    await giveBackOf(rig)(planned, await rig.batches.of(planned));
    expect(await usedBy(rig, everybody(4))).toEqual([1, 1, 1, 1]);
    await rig.end(batch, failed({ total: 4, sent: 0 }, "callback"));
    await giveBackOf(rig)(planned, await rig.batches.of(planned));
    expect(await usedBy(rig, everybody(4))).toEqual([0, 0, 0, 0]);
  });

  test("go back once though several do it at once, with other campaigns between them", async ({ rig }) => {
    const people = everybody(12_000);
    const planned = await planOf(rig)(await takeIn(rig, "offer", people), job);
    // What went back twice would show in another's count, and in none that is 0 already.
    await planOf(rig)(await takeIn(rig, "before", people), job);
    const between = planOf(rig)(await takeIn(rig, "between", people), job);
    await rig.drop({ account, campaign: planned.id, number: 1 });
    const batches = await rig.batches.of(planned);
    await Promise.all([between, ...[1, 2, 3].map(() => giveBackOf(rig)(planned, batches))]);
    const dropped = new Set(first(await membersOf(rig, planned)));
    const used = await usedBy(rig, people.slice(0, 500));
    expect(used).toEqual(people.slice(0, 500).map((id) => (dropped.has(id) ? 2 : 3)));
  });

  test("of a campaign that is canceled while it is planned all go back", async ({ rig }) => {
    const taken = await takeIn(rig, "offer", everybody(300));
    let left = 10;
    const admit: typeof rig.audiences.admit = async (...of) => {
      if (left-- === 0) await rig.setCampaign("offer", { state: "canceling" });
      return rig.audiences.admit(...of);
    };
    const canceled = await planOf({ ...rig, audiences: { ...rig.audiences, admit } })(taken, job);
    expect(canceled.state).toBe("canceling");
    expect((await rig.caps.histogram(capMonth(rig))).users[1]).toBeGreaterThan(0);
    await giveBackOf(rig)(canceled, []);
    expect((await rig.caps.histogram(capMonth(rig))).users).toEqual({ 1: 0, 2: 0, 3: 0, 4: 0 });
  });
});

type Address = Parameters<Rig["go"]>[0];

function failed(counts: { total: number; sent: number } | undefined, by: "callback" | "poll") {
  return {
    ...{ state: "failed" as const, by, total: counts?.total },
    counts: counts && { ...counts, filtered: 0, failed: counts.total - counts.sent },
  };
}

/** Accepted, and then failed with these counts. */
function endAs(counts: { total: number; sent: number } | undefined, by: "callback" | "poll" = "callback") {
  return async (rig: Rig, batch: Address) => {
    await rig.accept(batch, "1000");
    await rig.end(batch, failed(counts, by));
  };
}
