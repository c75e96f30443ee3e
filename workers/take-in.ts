import type { Campaign } from "../src/campaign/campaign.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import type { Clock } from "../src/clock.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Intake, More } from "./intake.ts";

type Parts = {
  readonly intake: Intake;
  readonly queues: Pick<Queues, "addCampaign">;
  readonly clock: Clock;
};

/**
 * Takes a campaign in that comes by HTTP: it is in the ledger when this answers, and its job in the queue, without
 * anybody in it. Should the process die in between, the reconciler adds the job (MECHANICS section 1).
 *
 * The same id and body again is the same campaign: `isNew` tells.
 *
 * @throws Failure BAD_CAMPAIGN, ID_REUSED, ID_RETIRING
 */
export function createTakeIn({ intake, queues, clock }: Parts) {
  return async (
    id: CampaignId,
    data: unknown,
    more: More = {},
  ): Promise<{ campaign: Campaign; isNew: boolean }> => {
    const taken = await intake({ id, data, timestamp: clock.now() }, more);
    const { account, name } = taken.campaign;
    await queues.addCampaign(id, { account, ...(name !== undefined && { name }), stored: true });
    return taken;
  };
}

export type TakeIn = ReturnType<typeof createTakeIn>;
