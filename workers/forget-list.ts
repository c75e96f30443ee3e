import { type Campaign, isEnded } from "../src/campaign/campaign.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import type { ListId } from "../src/campaign/list.ts";
import type { Clock } from "../src/clock.ts";
import type { Queues } from "../src/queues/queues.ts";
import { ATTEMPT_MS } from "../src/store/attempt.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Lists } from "../src/store/lists.ts";

type Parts = {
  readonly lists: Lists;
  readonly campaigns: Pick<Campaigns, "find" | "claimedAt">;
  readonly queues: Pick<Queues, "hasCampaign">;
  readonly clock: Clock;
};

/**
 * Removes a stored list unless an open campaign names it, or, with `until`, it was used later: answers what the
 * store says, "pinned" for the former. That a campaign has ended is only found out here, so that nothing hangs
 * on its last step.
 */
export function createForgetList({ lists, campaigns, queues, clock }: Parts) {
  return async (id: ListId, until?: number): Promise<"removed" | "pinned" | "used" | "gone"> => {
    for (const pin of await lists.pins(id)) {
      const campaign = await campaigns.find(pin);
      if (!(await isOpen(pin, campaign))) await lists.unpin(id, pin, campaign?.closedAt);
    }
    return lists.remove(id, until);
  };

  /** One that has no record yet is being taken in: by its job, or by a process that has claimed its id just now. */
  async function isOpen(id: CampaignId, campaign: Campaign | undefined): Promise<boolean> {
    if (campaign) return !isEnded(campaign.state);
    const claimedAt = await campaigns.claimedAt(id);
    const isClaimed = claimedAt !== undefined && clock.now() < claimedAt + ATTEMPT_MS;
    return isClaimed || queues.hasCampaign(id);
  }
}

export type ForgetList = ReturnType<typeof createForgetList>;
