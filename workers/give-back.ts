import { type Batch, givesBack } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { byShard } from "../src/campaign/shard.ts";
import { Failure } from "../src/failure.ts";
import type { Logger } from "../src/log.ts";
import type { Audiences } from "../src/store/audiences.ts";
import type { Caps } from "../src/store/caps.ts";
import type { Reservations } from "../src/store/reservations.ts";

type Parts = {
  readonly audiences: Audiences;
  readonly caps: Caps;
  readonly reservations: Reservations;
  readonly log: Logger;
};

/**
 * Gives back what a campaign has reserved of the monthly cap and provably not sent: the batches that ended
 * so (MECHANICS section 1), or the whole plan when no batch came of it. May be asked any number of times;
 * nothing goes back twice.
 */
export function createGiveBack({ audiences, caps, reservations, log }: Parts) {
  return async (campaign: Campaign, batches: readonly Batch[]): Promise<void> => {
    if (campaign.month === undefined) return;
    if (campaign.planned === 0) return giveBackPlan(campaign, campaign.month);
    for (const batch of batches)
      if (batch.toAllMonth && givesBack(batch)) await reservations.giveBackToAll(campaign, batch);
    const due = batches.filter((batch) => givesBack(batch) && batch.size > 0);
    const done = await reservations.has(campaign, due.map(markOf));
    for (const [index, batch] of due.entries())
      if (!done[index]) await apart(campaign, () => giveBackBatch(campaign, batch));
  };

  /** Whom the plan does not name any more, of them nothing can be given back: the campaign goes on without. */
  async function apart({ id, account }: Campaign, deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (failure) {
      if (!(failure instanceof Failure && failure.code === "AUDIENCE_LOST")) throw failure;
      log.error({ account, campaign: id, reason: failure.message }, "Reservations could not be given back");
    }
  }

  async function giveBackPlan(campaign: Campaign, month: string): Promise<void> {
    const [done] = await reservations.has(campaign, ["back"]);
    if (done) return;
    const tallies = await audiences.tallies(campaign);
    for (const [shard, tally] of tallies.entries()) {
      if (!tally?.admitted) continue;
      const people = await audiences.readShard(campaign, shard);
      await reservations.giveBack(campaign, `back:${shard}`, { month, shard, people });
    }
    await reservations.mark(campaign, "back");
  }

  async function giveBackBatch(campaign: Campaign, batch: Batch): Promise<void> {
    const { number, month } = batch;
    await reservations.undoReadmission(campaign, number);
    const shards =
      month === campaign.month
        ? campaign.shards
        : (await caps.month({ account: campaign.account, month })).shards;
    const members = await audiences.members(campaign, batch);
    for (const [shard, people] of byShard(members, shards))
      await reservations.giveBack(campaign, `back:${number}:${month}:${shard}`, { month, shard, people });
    await reservations.mark(campaign, markOf(batch));
  }
}

export type GiveBack = ReturnType<typeof createGiveBack>;

function markOf({ number }: Batch): string {
  return `back:${number}`;
}
