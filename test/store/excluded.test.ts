import fc from "fast-check";
import { describe, expect } from "vitest";
import { monthOf } from "../../src/campaign/calendar.ts";
import type { Exclusion } from "../../src/campaign/exclusion.ts";
import { createAdmit } from "../../workers/admit.ts";
import { createPlan } from "../../workers/plan.ts";
import { crashAfter, job, membersOf, openid, planOf, sumsHold, takeIn } from "./plan-rig.ts";
import { account, type Rig, test } from "./rig.ts";

const people = (count: number, from = 0) => Array.from({ length: count }, (_, at) => openid(from + at));
const unfollow = (rig: Rig, numbers: readonly number[]) =>
  Promise.all(numbers.map((at) => rig.unfollowed.note(account, openid(at), "unsubscribe", rig.clock.now())));

const nobody = { received: 0, lines: async function* () {} };

describe("a plan leaves out who has unfollowed", () => {
  test("and counts them as excluded: no batch has them, none of their month is taken", async ({ rig }) => {
    await unfollow(rig, [3, 4, 50]);
    const list = [...people(20), openid(3), openid(5), "bad"];
    const planned = await planOf(rig)(await takeIn(rig, "offer", list), job);
    expect(planned.audience).toEqual({
      ...{ received: 23, invalid: 1, duplicate: 2, excluded: 2, capped: 0, admitted: 18 },
    });
    const members = (await membersOf(rig, planned)).flat();
    expect(members).toHaveLength(18);
    expect(members).not.toContain(openid(3));
    const month = monthOf(rig.clock.now());
    const used = people(5).map((person) => rig.caps.used({ account, month }, person));
    expect(await Promise.all(used)).toEqual([1, 1, 1, 0, 0]);
    for (const [at, outcome] of [
      [3, "excluded"],
      [5, "admitted"],
      [50, "absent"],
    ] as const)
      expect(await rig.lookup.recipient(planned, openid(at))).toMatchObject({ outcome });
  });

  test("whether or not they are at the cap", async ({ rig }) => {
    for (const id of ["one", "two"])
      await planOf(rig)(await takeIn(rig, id, people(4), { perUserPerMonth: 2 }), job);
    await unfollow(rig, [0, 1]);
    const options = { perUserPerMonth: 2, overCap: "fail" } as const;
    const capped = await planOf(rig)(await takeIn(rig, "three", people(4), options), job);
    expect(capped).toMatchObject({ reason: "OVER_CAP", audience: { excluded: 2, capped: 2, admitted: 0 } });
    // Those at the cap have all unfollowed: nobody is in the way of the others.
    const left = await takeIn(rig, "four", [...people(2), ...people(3, 10)], options);
    expect(await planOf(rig)(left, job)).toMatchObject({ audience: { excluded: 2, capped: 0, admitted: 3 } });
  });

  test("and sends nothing when one or nobody is left", async ({ rig }) => {
    await unfollow(rig, [0, 1]);
    const nobody = await planOf(rig)(await takeIn(rig, "nobody", people(2)), job);
    expect(nobody).toMatchObject({ reason: "NOBODY_TO_SEND", audience: { excluded: 2, admitted: 0 } });
    const alone = await planOf(rig)(await takeIn(rig, "alone", people(3)), job);
    expect(alone).toMatchObject({ reason: "NOBODY_TO_SEND", audience: { excluded: 3, admitted: 0 } });
    for (const at of [0, 2])
      expect(await rig.lookup.recipient(alone, openid(at))).toEqual({ outcome: "excluded" });
  });

  test("as it was when each shard was admitted: a crash in between takes back nothing", async ({ rig }) => {
    const list = people(200);
    for (let writes = 1; writes < 16; writes += 4) {
      const before = await takeIn(rig, `crash-${writes}`, list, { perUserPerMonth: 4 });
      rig.clock.advance(31 * 24 * 3_600_000);
      const crash = crashAfter(writes);
      const audiences = { ...rig.audiences, admit: crash(rig.audiences.admit) };
      await expect(planOf({ ...rig, audiences })(before, job)).rejects.toThrow("crash");
      const done = (await rig.audiences.tallies(before)).flatMap((tally, shard) => (tally ? [shard] : []));
      expect(done).toHaveLength(writes);

      const gone = Array.from({ length: 100 }, (_, at) => 2 * at);
      await unfollow(rig, gone);
      const planned = await planOf(rig)(await rig.campaigns.get(before), job);
      expect(sumsHold(planned.audience)).toBe(true);
      const members = new Set((await membersOf(rig, planned)).flat());
      expect(members.size).toBe(planned.audience.admitted);
      for (const at of gone) {
        const { outcome } = await rig.lookup.recipient(planned, openid(at));
        expect(outcome).toBe(members.has(openid(at)) ? "admitted" : "excluded");
      }
      expect(planned.audience.excluded).toBeGreaterThan(0);
      expect(planned.audience.excluded).toBeLessThan(100);
      for (const at of gone)
        await rig.unfollowed.note(account, openid(at), "subscribe", rig.clock.now() + 1_000);
    }
  });

  test("and anybody else whom it is told to, with sums that hold", async ({ rig }) => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 60 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 30 })),
        async (numbers, out) => {
          rig.clock.advance(31 * 24 * 3_600_000);
          const excluded = new Set(out.map(openid));
          const openExclusion = async (): Promise<Exclusion> => ({
            among: async (asked) => new Set(asked.filter((person) => excluded.has(person))),
            listed: nobody,
          });
          const plan = createPlan({
            ...rig,
            admit: createAdmit({ ...rig, limitOf: () => 4, openExclusion }),
            openMonth: (account, month) => rig.caps.open({ account, month }, { shards: 4 }),
            makeDurable: async () => 0,
          });
          const taken = await takeIn(rig, `told-${round++}`, numbers.map(openid));
          const planned = await plan(taken, job);
          expect(sumsHold(planned.audience)).toBe(true);
          const left = [...new Set(numbers.map(openid))].filter((person) => !excluded.has(person));
          const members = (await membersOf(rig, planned)).flat().sort();
          expect(members).toEqual(left.length > 1 ? left.sort() : []);
        },
      ),
      { numRuns: 40 },
    );
  });
});
