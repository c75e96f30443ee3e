import type { Campaign } from "../src/campaign/campaign.ts";
import { faultOf, type ListId } from "../src/campaign/list.ts";
import type { Sleep } from "../src/queues/sleep.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Gathering } from "../src/store/gathering.ts";
import type { Lists } from "../src/store/lists.ts";

type Parts = {
  readonly campaigns: Pick<Campaigns, "get" | "startSending">;
  readonly gathering: Pick<Gathering, "note">;
  readonly lists: Pick<Lists, "find">;
};

/** Who reads a list wakes the campaigns that wait for it: this is for a wake-up that was lost. */
const LOOK_AGAIN_MS = 30_000;

/**
 * Waits until the stored lists that a campaign names have been read from WeChat: its audience, and whom it leaves out.
 * One that can't be had ends the campaign: nothing is sent to a part of it unasked. Read on in `plan.ts`.
 */
export function createAwaitLists({ campaigns, gathering, lists }: Parts) {
  return async (campaign: Campaign, job: JobView): Promise<Campaign | Sleep> => {
    const { account, list: own, exclude, gathered } = campaign;
    const waitsForOwn = own !== undefined && gathered === false;
    for (const id of [...(waitsForOwn ? [own] : []), ...(exclude?.lists ?? [])]) {
      const list = await lists.find(id);
      const fault = faultOf(list, account);
      if (!list || fault !== undefined) return end(campaign, job, fault);
      if (list.state === "reading") return asleepUntilRead(id);
      if (id !== own || !waitsForOwn) continue;
      await gathering.note(campaign, list);
      await job.note(`The list is ready: ${list.received} OpenIDs.`);
    }
    return waitsForOwn ? campaigns.get(campaign) : campaign;
  };

  function asleepUntilRead(id: ListId): Sleep {
    const changed = async () => (await lists.find(id))?.state !== "reading";
    return { kind: "sleep", delayMs: LOOK_AGAIN_MS, changed };
  }

  async function end(campaign: Campaign, job: JobView, fault = "it is gone"): Promise<Campaign> {
    const { received, invalid } = campaign.audience;
    const audience = { ...campaign.audience, excluded: received - invalid };
    await campaigns.startSending(campaign, { planned: 0, audience, sendableAt: 0, reason: "AUDIENCE_LOST" });
    await job.note(`Nothing is sent: of a list that the campaign names, ${fault}.`);
    return campaigns.get(campaign);
  }
}

export type AwaitLists = ReturnType<typeof createAwaitLists>;
