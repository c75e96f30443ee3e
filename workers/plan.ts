import { clientMsgId } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { BATCH_MIN, type Cut, cutBatches } from "../src/campaign/cut.ts";
import type { OpenId } from "../src/campaign/openid.ts";
import { shardOf } from "../src/campaign/shard.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Audiences, Tally } from "../src/store/audiences.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";

type Parts = {
  readonly campaigns: Campaigns;
  readonly batches: Batches;
  readonly audiences: Audiences;
  /** Waits until the plan outlives a power loss; answers how long the first call has to wait for it. */
  readonly makeDurable: () => Promise<number>;
  readonly clock: Clock;
};

/** Batches added to the ledger at once. */
const ADDED_AT_ONCE = 20;

/**
 * Admits a campaign's people, hash shard by hash shard, and cuts them into full batches. A run after a
 * crash finds the shards and batches that are done and goes on behind them; whatever it makes again is
 * the same, for the order of people depends on the list alone. Read on in `settle.ts`.
 */
export function createPlan({ campaigns, batches, audiences, makeDurable, clock }: Parts) {
  return async (campaign: Campaign, job: JobView): Promise<Campaign> => {
    try {
      await plan(campaign, job);
    } catch (failure) {
      if (!(failure instanceof Failure && failure.code === "AUDIENCE_LOST")) throw failure;
      await giveUp(campaign, job, failure);
    }
    return campaigns.get(campaign);
  };

  /** Redis has lost a piece of the list: nothing is sent to a part of it unasked. */
  async function giveUp(campaign: Campaign, job: JobView, { message }: Failure): Promise<void> {
    const { received, invalid } = campaign.audience;
    const audience = { ...campaign.audience, excluded: received - invalid };
    await campaigns.startSending(campaign, { planned: 0, audience, sendableAt: 0, reason: "AUDIENCE_LOST" });
    await job.note(`Nothing is sent: ${message}`);
  }

  async function plan(campaign: Campaign, job: JobView): Promise<void> {
    await admit(campaign);
    const tallies = (await audiences.tallies(campaign)).map(
      (tally) => tally ?? { admitted: 0, duplicate: 0 },
    );
    const cuts = cutBatches(tallies.map(({ admitted }) => admitted));
    await addBatches(campaign, cuts);

    const audience = { ...campaign.audience, ...sum(tallies) };
    const sendableAt = clock.now() + (await makeDurable());
    await campaigns.startSending(campaign, { planned: cuts.length, audience, sendableAt });
    await job.note(
      `Planned ${cuts.length} batches for ${audience.admitted} people, ${audience.duplicate} came twice.`,
    );
  }

  /** Who is in the list twice is admitted once. The monthly cap will be asked here, shard by shard. */
  async function admit(campaign: Campaign): Promise<void> {
    const shards = Array.from({ length: campaign.shards }, (): OpenId[] => []);
    for await (const chunk of audiences.readList(campaign))
      for (const openid of chunk) shards[shardOf(openid, campaign.shards)]?.push(openid);

    const done = await audiences.tallies(campaign);
    for (const [shard, people] of shards.entries()) {
      if (done[shard] || people.length === 0) continue;
      const admitted = [...new Set(people)];
      const tally = { admitted: admitted.length, duplicate: people.length - admitted.length };
      await audiences.admit(campaign, shard, admitted, tally);
    }
  }

  async function addBatches(campaign: Campaign, cuts: readonly Cut[]): Promise<void> {
    const add = async (cut: Cut, number: number) => {
      const members = await audiences.members(campaign, cut);
      const { account, id, message } = campaign;
      const clientmsgid = clientMsgId({ account, campaign: id, number, message, members });
      await batches.add(account, { campaign: id, number, ...cut, clientmsgid });
    };
    for (let start = 0; start < cuts.length; start += ADDED_AT_ONCE)
      await Promise.all(
        cuts.slice(start, start + ADDED_AT_ONCE).map((cut, index) => add(cut, start + index + 1)),
      );
  }
}

/** One person left alone is excluded: mass/send takes at least two (WECHAT.md section 2.3). */
function sum(tallies: readonly Tally[]): { admitted: number; duplicate: number; excluded: number } {
  const people = tallies.reduce((total, { admitted }) => total + admitted, 0);
  const duplicate = tallies.reduce((total, tally) => total + tally.duplicate, 0);
  return people < BATCH_MIN
    ? { admitted: 0, duplicate, excluded: people }
    : { admitted: people, duplicate, excluded: 0 };
}
