import { describe, expect } from "vitest";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { shardOf } from "../../src/campaign/shard.ts";
import { job, openid, planOf, takeIn } from "./plan-rig.ts";
import { account, type Rig, test } from "./rig.ts";

const DURABLE_MS = 2_000;
const SHARDS = 16;

/** A rig whose clock goes on a little with each shard that is stored; `storedAt` tells when each was. */
function slowly(rig: Rig) {
  const storedAt: number[] = [];
  const audiences: Rig["audiences"] = {
    ...rig.audiences,
    async admit(campaign, month, admission) {
      const word = await rig.audiences.admit(campaign, month, admission);
      rig.clock.advance(100);
      storedAt[admission.shard] = rig.clock.now();
      return word;
    },
  };
  return { parts: { ...rig, audiences }, storedAt };
}

const people = (count: number) => Array.from({ length: count }, (_, at) => openid(at));

describe("where Redis may lose what was written last", () => {
  test("a batch may go so long after the people of the one behind it were stored, whose being there keeps its cut", async ({
    rig,
  }) => {
    const { parts, storedAt } = slowly(rig);
    const plan = planOf(parts, { shards: SHARDS, durableAfterMs: DURABLE_MS });
    const planned = await plan(await takeIn(rig, "offer", people(45_000)), job);
    const batches = await rig.batches.of(planned);
    expect(batches).toHaveLength(5);
    const last = storedAt.at(-1) ?? 0;
    expect(batches.map(({ notBefore }) => notBefore - DURABLE_MS)).toEqual([
      ...batches.slice(1, 4).map(({ to }) => storedAt[to.shard]),
      ...[last, last],
    ]);
    expect(storedAt).toHaveLength(SHARDS);
    expect(batches[0]?.notBefore).toBeLessThan(last + DURABLE_MS);
  });

  test("no batch may go before all is stored where one person at the cap would call off the whole", async ({
    rig,
  }) => {
    const { parts, storedAt } = slowly(rig);
    const plan = planOf(parts, { shards: SHARDS, durableAfterMs: DURABLE_MS });
    const planned = await plan(await takeIn(rig, "offer", people(45_000), { overCap: "fail" }), job);
    const last = (storedAt.at(-1) ?? 0) + DURABLE_MS;
    expect((await rig.batches.of(planned)).map(({ notBefore }) => notBefore)).toEqual([
      last,
      last,
      last,
      last,
      last,
    ]);
  });

  test("the last batch waits for shards with nobody to send to: lost, they may have somebody", async ({
    rig,
  }) => {
    const { parts, storedAt } = slowly(rig);
    const list = people(3_000);
    for (let message = 0; message < 4; message++) {
      const capped = list.filter((openid) => shardOf(openid, SHARDS) > 11);
      await planOf(rig, { shards: SHARDS })(await takeIn(rig, `before-${message}`, capped), job);
    }
    const plan = planOf(parts, { shards: SHARDS, durableAfterMs: DURABLE_MS });
    const planned = await plan(await takeIn(rig, "offer", list), job);
    const [batch] = await rig.batches.of(planned);
    expect(batch?.to.shard).toBeLessThan(12);
    expect(batch?.notBefore).toBe((storedAt.at(-1) ?? 0) + DURABLE_MS);
  });

  test("nobody waits for what an earlier run stored longer than if it had been stored when this one began", async ({
    rig,
  }) => {
    const taken = await takeIn(rig, "offer", people(45_000));
    const campaigns = { ...rig.campaigns, startSending: () => Promise.reject(new Error("crash")) };
    const first = planOf({ ...rig, campaigns }, { shards: SHARDS, durableAfterMs: DURABLE_MS });
    await expect(first(taken, job)).rejects.toThrow("crash");
    await rig.redis.del(rig.keys.batch(account, taken.id, 1));
    rig.clock.advance(60_000);
    await planOf(rig, { shards: SHARDS, durableAfterMs: DURABLE_MS })(await rig.campaigns.get(taken), job);
    const [one, two] = await rig.batches.of({ ...taken, planned: 5 });
    expect(one?.notBefore).toBe(rig.clock.now() + DURABLE_MS);
    expect(two?.notBefore).toBe(rig.clock.now() - 60_000 + DURABLE_MS);
  });

  test("a batch whose people it kept is made again with the same people, whatever it lost behind them", async ({
    rig,
  }) => {
    const plan = planOf(rig, { shards: SHARDS, durableAfterMs: DURABLE_MS });
    const taken = await takeIn(rig, "offer", people(45_000));
    const campaigns = { ...rig.campaigns, startSending: () => Promise.reject(new Error("crash")) };
    await expect(planOf({ ...rig, campaigns }, { shards: SHARDS })(taken, job)).rejects.toThrow("crash");
    const before = await membersOf(rig, taken);
    const kept = (await rig.batches.of({ ...taken, planned: 1 }))[0]?.to.shard ?? 0;
    await loseBehind(rig, taken, kept);

    // Meanwhile others have used up the month of many of those who were lost.
    const others = planOf(rig, { shards: SHARDS });
    for (let month = 0; month < 4; month++)
      await others(await takeIn(rig, `other-${month}`, people(45_000).slice(20_000)), job);
    const planned = await plan(await rig.campaigns.get(taken), job);
    const after = await membersOf(rig, planned);
    expect(after[0]).toEqual(before[0]);
    expect(after.length).toBeLessThan(before.length);
    expect(after[1]).not.toEqual(before[1]);
  });
});

async function membersOf(rig: Rig, campaign: Campaign) {
  const batches = await rig.batches.of({ ...campaign, planned: campaign.planned || 5 });
  return Promise.all(
    batches.map(async (batch) => ({
      clientmsgid: batch.clientmsgid,
      members: await rig.audiences.members(campaign, batch),
    })),
  );
}

/** As if the last writes had been lost: the batches, and everything of the shards behind one. */
async function loseBehind(rig: Rig, { id }: Campaign, shard: number): Promise<void> {
  const { redis, keys } = rig;
  for (let number = 1; number <= 5; number++) await redis.del(keys.batch(account, id, number));
  await redis.del(keys.openBatches(account, id));
  for (let lost = shard + 1; lost < SHARDS; lost++) {
    const fields = ["admitted", "capped", "excluded", "tally"].map((name) => `${name}:${lost}`);
    await redis.hdel(keys.plan(account, id), ...fields);
    await redis.del(keys.capShard(account, "2031-03", lost));
  }
}
