import fc from "fast-check";
import { describe, expect } from "vitest";
import { sortOpenIds } from "../../src/campaign/intake.ts";
import { crashAfter, job, membersOf, openid, planOf, sumsHold, takeIn } from "./plan-rig.ts";
import { account, hour, test } from "./rig.ts";

describe("a plan", () => {
  test("admits everybody once, in batches of 2 to 10,000, and its sums hold, whatever the list", async ({
    rig,
  }) => {
    const entry = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 60 }).map(openid) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }).map((at) => ` ${openid(at)}\n`) },
      { weight: 2, arbitrary: fc.oneof(fc.string({ maxLength: 19 }), fc.integer(), fc.constant(null)) },
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 1, max: 20 }),
        async (list, shards) => {
          // A month of its own for each round, so that the cap stays out of the way.
          rig.clock.set(rig.clock.now() + 31 * 24 * hour);
          const taken = await takeIn(rig, `offer-${round++}`, list);
          const planned = await planOf(rig, { shards })(taken, job);
          const distinct = new Set(sortOpenIds(list).valid);
          const alone = distinct.size === 1 ? 1 : 0;

          expect(planned.state).toBe("sending");
          expect(sumsHold(planned.audience)).toBe(true);
          expect(planned.audience).toMatchObject({ admitted: alone ? 0 : distinct.size, excluded: alone });
          const members = await membersOf(rig, planned);
          expect(members.flat().sort()).toEqual(alone ? [] : [...distinct].sort());
          for (const batch of members) expect(batch.length).toBeGreaterThanOrEqual(2);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.for([
    [10_001, [9_999, 2]],
    [20_001, [10_000, 9_999, 2]],
  ] as const)("cuts %i people into full batches, none of one", async ([count, sizes], { rig }) => {
    const list = Array.from({ length: count }, (_, at) => openid(at));
    const planned = await planOf(rig)(await takeIn(rig, "offer", list), job);
    const members = await membersOf(rig, planned);
    expect(members.map(({ length }) => length)).toEqual(sizes);
    expect(new Set(members.flat()).size).toBe(count);
    const ids = (await rig.batches.of(planned)).map(({ clientmsgid }) => clientmsgid);
    expect(new Set(ids).size).toBe(sizes.length);
  });

  test("made again after a crash at any point is the same plan", async ({ rig }) => {
    const list = Array.from({ length: 300 }, (_, at) => openid(at % 270));
    const whole = await planOf(rig)(await takeIn(rig, "whole", list), job);
    const expected = await membersOf(rig, whole);

    for (let writes = 0; writes < 19; writes++) {
      rig.clock.set(rig.clock.now() + 31 * 24 * hour);
      const taken = await takeIn(rig, `crash-${writes}`, list);
      const crashing = crashAfter(writes);
      const { audiences, batches, campaigns } = rig;
      const parts = {
        ...rig,
        audiences: { ...audiences, admit: crashing(audiences.admit) },
        batches: { ...batches, add: crashing(batches.add) },
        campaigns: { ...campaigns, startSending: crashing(campaigns.startSending) },
      };
      await planOf(parts)(taken, job).catch(({ message }: Error) => expect(message).toBe("crash"));
      const planned = await planOf(rig)(await rig.campaigns.get(taken), job);
      expect(await membersOf(rig, planned)).toEqual(expected);
      expect(planned.audience).toEqual(whole.audience);
      expect(planned.planned).toBe(whole.planned);
    }
  });

  test("is made whole again when Redis has lost a batch or a shard of it, as a failover does", async ({
    rig,
  }) => {
    const list = Array.from({ length: 300 }, (_, at) => openid(at));
    const whole = await planOf(rig)(await takeIn(rig, "whole", list), job);
    rig.clock.set(rig.clock.now() + 31 * 24 * hour);
    const taken = await takeIn(rig, "loses", list);
    const { audiences, batches, campaigns } = rig;
    const plan = rig.keys.plan(account, taken.id);
    let [shards, added] = [0, 0];
    const losing = {
      ...rig,
      audiences: {
        ...audiences,
        async admit(...of: Parameters<typeof audiences.admit>) {
          const word = await audiences.admit(...of);
          if (++shards === 3) await rig.redis.hdel(plan, `tally:${of[2].shard}`, `admitted:${of[2].shard}`);
          return word;
        },
      },
      batches: {
        ...batches,
        async add(...of: Parameters<typeof batches.add>) {
          const word = await batches.add(...of);
          if (++added > 1) return word;
          await rig.redis.del(rig.keys.batch(account, taken.id, of[1].number));
          await rig.redis.srem(rig.keys.openBatches(account, taken.id), of[1].number);
          return word;
        },
      },
    };
    const errors: string[] = [];
    for (let tries = 0; tries < 3; tries++)
      await planOf(losing)(await campaigns.get(taken), job).catch(({ code }) => errors.push(code));
    expect(errors).toEqual(["REDIS_AWAY", "REDIS_AWAY"]);
    const planned = await campaigns.get(taken);
    expect(await membersOf(rig, planned)).toEqual(await membersOf(rig, whole));
    expect(planned.audience).toEqual(whole.audience);
  });

  test("made by two workers at once is one plan", async ({ rig }) => {
    const list = Array.from({ length: 3_000 }, (_, at) => openid(at % 2_500));
    const taken = await takeIn(rig, "offer", list);
    const [one, two] = await Promise.all([planOf(rig)(taken, job), planOf(rig)(taken, job)]);
    expect(one).toEqual(two);
    expect(one.audience).toMatchObject({ received: 3_000, admitted: 2_500, duplicate: 500 });
    expect((await membersOf(rig, one)).flat()).toHaveLength(2_500);
  });

  test("comes after a while where Redis needs it to be durable: no call before", async ({ rig }) => {
    const planned = await planOf(rig, { durableAfterMs: 2_000 })(
      await takeIn(rig, "offer", [openid(1), openid(2)]),
      job,
    );
    const batch = { account: planned.account, campaign: planned.id, number: 1 };
    const until = rig.clock.now() + 2_000;
    expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "backoff", until });
    rig.clock.set(until);
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("of a list that Redis has lost a piece of ends the campaign without a batch, and says why", async ({
    rig,
  }) => {
    const list = Array.from({ length: 20_001 }, (_, at) => openid(at));
    const taken = await takeIn(rig, "offer", [...list, "bad"]);
    await rig.redis.hdel(rig.keys.list(taken.account, taken.id), "1");
    const planned = await planOf(rig)(taken, job);
    expect(planned).toMatchObject({ state: "sending", planned: 0, reason: "AUDIENCE_LOST" });
    expect(planned.audience).toMatchObject({ received: 20_002, invalid: 1, excluded: 20_001, admitted: 0 });
    expect(sumsHold(planned.audience)).toBe(true);
  });
});
