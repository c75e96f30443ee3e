import type { Campaign } from "../src/campaign/campaign.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import { digestOf } from "../src/campaign/digest.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import { type Queues, StoredPayload } from "../src/queues/queues.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Intake, More } from "./intake.ts";

type Parts = {
  readonly intake: Intake;
  readonly campaigns: Pick<Campaigns, "find">;
  readonly queues: Pick<Queues, "addCampaign" | "findCampaign">;
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
export function createTakeIn({ intake, campaigns, queues, clock }: Parts) {
  /** A producer's job has its id until it is taken in, and one that was refused keeps it: no record tells of them. */
  async function checkJob(id: CampaignId, data: unknown): Promise<void> {
    if (await campaigns.find(id)) return;
    const job = await queues.findCampaign(id);
    if (!job) return;
    if (job.failedReason !== undefined)
      throw new Failure("ID_REUSED", `id: the job ${id} was refused, give the corrected campaign its own`);
    const isTakenIn = StoredPayload.safeParse(job.data).success;
    if (!isTakenIn && digestOf(job.data) !== digestOf(data))
      throw new Failure("ID_REUSED", `id: ${id} belongs to another campaign, give this one its own`);
  }

  return async (
    id: CampaignId,
    data: unknown,
    more: More = {},
  ): Promise<{ campaign: Campaign; isNew: boolean }> => {
    await checkJob(id, data);
    const taken = await intake({ id, data, timestamp: clock.now() }, more);
    const { account, name } = taken.campaign;
    await queues.addCampaign(id, { account, ...(name !== undefined && { name }), stored: true });
    return taken;
  };
}

export type TakeIn = ReturnType<typeof createTakeIn>;
