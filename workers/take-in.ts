import type { Campaign } from "../src/campaign/campaign.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import type { Clock } from "../src/clock.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { JobView } from "../src/queues/worker.ts";

type Parts = {
  /** Takes a campaign in: `prepare.ts`. */
  readonly prepare: (job: JobView, more?: Pick<Campaign, "againOf">) => Promise<Campaign>;
  readonly queues: Pick<Queues, "addCampaign">;
  readonly clock: Clock;
};

const nothing = async () => {};

/**
 * Takes a campaign in that comes by HTTP: it is in the ledger when this answers, and its job in the queue, without
 * anybody in it. Should the process die in between, the reconciler adds the job (MECHANICS section 1).
 *
 * The same id and body again is the same campaign: `isNew` tells.
 *
 * @throws Failure BAD_CAMPAIGN, ID_REUSED, ID_RETIRING
 */
export function createTakeIn({ prepare, queues, clock }: Parts) {
  return async (
    id: CampaignId,
    data: unknown,
    more: Pick<Campaign, "againOf"> = {},
  ): Promise<{ campaign: Campaign; isNew: boolean }> => {
    const timestamp = clock.now();
    const job: JobView = {
      ...{ id, data, timestamp, progress: {} },
      ...{ note: nothing, report: nothing, replaceData: nothing },
    };
    const campaign = await prepare(job, more);
    const { account, name } = campaign;
    await queues.addCampaign(campaign.id, { account, ...(name !== undefined && { name }), stored: true });
    return { campaign, isNew: campaign.stamp === timestamp };
  };
}

export type TakeIn = ReturnType<typeof createTakeIn>;
