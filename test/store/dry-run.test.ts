import fc from "fast-check";
import { describe, expect } from "vitest";
import { Account } from "../../src/campaign/account.ts";
import { monthOf } from "../../src/campaign/calendar.ts";
import { createDryRun } from "../../src/campaign/dry-run.ts";
import { createOutlook } from "../../src/store/outlook.ts";
import { createAudienceCensus } from "../../workers/census.ts";
import { createExcludeAll } from "../../workers/exclusion.ts";
import { job, openid, planOf, takeIn } from "./plan-rig.ts";
import { account, openRig, type Rig, test, text } from "./rig.ts";

const acme = Account.parse({
  ...{ id: account, appid: "wx0123456789abcdef", secret: "secret", kind: "service", token: "token" },
});

/** A dry run as `compose.ts` wires it, the quotas out of the way. */
function dryRunOf(rig: Rig) {
  const quotaOf = async () => ({ send: { limit: 100, left: 100 }, allCalls: null });
  return createDryRun({
    accounts: new Map([[account, acme]]),
    outlookOf: createOutlook({ ...rig, quotaOf }),
    count: createAudienceCensus({ ...rig, excludeAll: createExcludeAll(rig) }),
    notifyFault: rig.notifyFault,
    clock: rig.clock,
  });
}

const entry = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }).map(openid) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }).map((at) => ` ${openid(at)}\n`) },
  { weight: 1, arbitrary: fc.oneof(fc.string({ maxLength: 19 }), fc.constant(null)) },
);
const offer = fc.record(
  {
    list: fc.array(entry, { minLength: 1, maxLength: 20 }),
    perUserPerMonth: fc.integer({ min: 1, max: 4 }),
    overCap: fc.constantFrom("skip" as const, "fail" as const),
    /** A send to everybody from WeChat's own console goes before. */
    toAll: fc.boolean(),
    /** These unfollow before. */
    gone: fc.array(fc.integer({ min: 0, max: 12 }).map(openid), { maxLength: 3 }),
  },
  { requiredKeys: ["list"] },
);

describe("a dry run", () => {
  test("tells of each campaign of a month what its plan then does, and changes no key", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(offer, { minLength: 1, maxLength: 8 }), async (offers) => {
        const rig = openRig();
        try {
          const month = monthOf(rig.clock.now());
          for (const [round, { list, toAll, gone = [], ...limits }] of offers.entries()) {
            const mark = { marks: rig.keys.account("marks"), mark: `${round}` };
            if (toAll) await rig.caps.bookAll({ account, month }, { ...mark, sentAt: rig.clock.now() });

            for (const person of gone)
              await rig.unfollowed.note(account, person, "unsubscribe", rig.clock.now());

            const before = await rig.dump();
            const body = { account, message: text, audience: { type: "openids", openids: list }, ...limits };
            const { audience, batches, reason } = await dryRunOf(rig)(body);
            expect(await rig.dump()).toEqual(before);

            const planned = await planOf(rig)(await takeIn(rig, `offer-${round}`, list, limits), job);
            expect(audience).toEqual(planned.audience);
            expect(reason).toBe(planned.reason ?? null);
            const sizes = (await rig.batches.of(planned)).map(({ number, size }) => ({ number, size }));
            expect(batches.map(({ number, size }) => ({ number, size }))).toEqual(sizes);
          }
        } finally {
          await rig.quit();
        }
      }),
      { numRuns: 40 },
    );
  });

  test("counts 30,000 people as their plan does, after others have had their four", async ({ rig }) => {
    const people = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => openid(from + at));
    for (const round of [1, 2, 3, 4])
      await planOf(rig, { shards: 128 })(await takeIn(rig, `offer-${round}`, people(0, 9_000)), job);
    const list = people(5_000, 35_000);
    const body = { account, message: text, audience: { type: "openids", openids: list } };
    const { audience, calls } = await dryRunOf(rig)(body);
    expect(audience).toMatchObject({ received: 30_000, capped: 4_000, admitted: 26_000 });
    expect(calls.needed).toBe(3);
    const planned = await planOf(rig)(await takeIn(rig, "last", list), job);
    expect(planned).toMatchObject({ audience, planned: 3 });
  });
});
