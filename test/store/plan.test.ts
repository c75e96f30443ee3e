import fc from "fast-check";
import { describe, expect } from "vitest";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { sortOpenIds } from "../../src/campaign/intake.ts";
import type { JobView } from "../../src/queues/worker.ts";
import { createPlan } from "../../workers/plan.ts";
import { type Rig, test } from "./rig.ts";

const job = { note: async () => {} } as unknown as JobView;
const openid = (at: number) => `oAbCdEfGhIjKlMnOpQrSt${String(at).padStart(7, "0")}`;

/** Takes a list in as the intake does. */
async function takeIn(rig: Rig, id: string, entries: readonly unknown[], shards: number): Promise<Campaign> {
  const { valid, invalid } = sortOpenIds(entries);
  const audience = { received: entries.length, invalid: invalid.length };
  const campaign = await rig.prepare(id, {
    shards,
    chunks: Math.ceil(valid.length / 10_000),
    audience: { ...audience, duplicate: 0, excluded: 0, capped: 0, admitted: 0 },
  });
  await rig.audiences.storeList(campaign, valid, invalid);
  return campaign;
}

const planOf = ({ campaigns, batches, audiences, clock }: Rig) =>
  createPlan({ campaigns, batches, audiences, clock, makeDurable: async () => 0 });

/** Everybody of every batch, as they would be sent. */
async function membersOf(rig: Rig, campaign: Campaign): Promise<string[][]> {
  const batches = await rig.batches.of(campaign);
  return Promise.all(batches.map((batch) => rig.audiences.members(campaign, batch)));
}

function sumsHold({
  received,
  invalid,
  duplicate,
  excluded,
  capped,
  admitted,
}: Campaign["audience"]): boolean {
  return received === invalid + duplicate + excluded + capped + admitted;
}

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
          const taken = await takeIn(rig, `offer-${round++}`, list, shards);
          const planned = await planOf(rig)(taken, job);
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
    const planned = await planOf(rig)(await takeIn(rig, "offer", list, 128), job);
    const members = await membersOf(rig, planned);
    expect(members.map(({ length }) => length)).toEqual(sizes);
    expect(new Set(members.flat()).size).toBe(count);
    const ids = (await rig.batches.of(planned)).map(({ clientmsgid }) => clientmsgid);
    expect(new Set(ids).size).toBe(sizes.length);
  });

  test("made again after a crash at any point is the same plan", async ({ rig }) => {
    const list = Array.from({ length: 300 }, (_, at) => openid(at % 270));
    const whole = await planOf(rig)(await takeIn(rig, "whole", list, 16), job);
    const expected = await membersOf(rig, whole);

    for (let writes = 0; writes < 19; writes++) {
      const taken = await takeIn(rig, `crash-${writes}`, list, 16);
      let left = writes;
      const crashing = <T extends (...args: never[]) => unknown>(deed: T) =>
        ((...args) => {
          if (left-- <= 0) throw new Error("crash");
          return deed(...args);
        }) as T;
      const { audiences, batches, campaigns } = rig;
      const parts = {
        audiences: { ...audiences, admit: crashing(audiences.admit) },
        batches: { ...batches, add: crashing(batches.add) },
        campaigns: { ...campaigns, startSending: crashing(campaigns.startSending) },
      };
      const plan = createPlan({ ...parts, clock: rig.clock, makeDurable: async () => 0 });
      await plan(taken, job).catch(({ message }: Error) => expect(message).toBe("crash"));
      const planned = await planOf(rig)(await rig.campaigns.get(taken), job);
      expect(await membersOf(rig, planned)).toEqual(expected);
      expect(planned.audience).toEqual(whole.audience);
      expect(planned.planned).toBe(whole.planned);
    }
  });

  test("made by two workers at once is one plan", async ({ rig }) => {
    const list = Array.from({ length: 3_000 }, (_, at) => openid(at % 2_500));
    const taken = await takeIn(rig, "offer", list, 32);
    const [one, two] = await Promise.all([planOf(rig)(taken, job), planOf(rig)(taken, job)]);
    expect(one).toEqual(two);
    expect(one.audience).toMatchObject({ received: 3_000, admitted: 2_500, duplicate: 500 });
    expect((await membersOf(rig, one)).flat()).toHaveLength(2_500);
  });

  test("comes after a while where Redis needs it to be durable: no call before", async ({ rig }) => {
    const { campaigns, batches, audiences, clock } = rig;
    const plan = createPlan({ campaigns, batches, audiences, clock, makeDurable: async () => 2_000 });
    const planned = await plan(await takeIn(rig, "offer", [openid(1), openid(2)], 16), job);
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
    const taken = await takeIn(rig, "offer", [...list, "bad"], 16);
    await rig.redis.hdel(rig.keys.list(taken.account, taken.id), "1");
    const planned = await planOf(rig)(taken, job);
    expect(planned).toMatchObject({ state: "sending", planned: 0, reason: "AUDIENCE_LOST" });
    expect(planned.audience).toMatchObject({ received: 20_002, invalid: 1, excluded: 20_001, admitted: 0 });
    expect(sumsHold(planned.audience)).toBe(true);
  });
});
