import { type Batch, batchId } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import type { Clock } from "../src/clock.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Campaigns } from "../src/store/campaigns.ts";

type Parts = {
  readonly campaigns: Campaigns;
  readonly queues: Pick<Queues, "addBatches">;
  readonly clock: Clock;
};

/**
 * Gives a campaign's batches their jobs. With a hold only its first batch gets one, the others when that has
 * succeeded or a person lets them go; `begin` would refuse them until then. Read on in `batch.ts`.
 */
export function createEnqueue({ campaigns, queues, clock }: Parts) {
  /** Answers whether the campaign has changed by it, and must be read again. */
  return async (campaign: Campaign, batches: readonly Batch[]): Promise<boolean> => {
    if (campaign.enqueued) return false;
    const { planned, hold, firstBatch = 1 } = campaign;
    if (!hold || firstBatch > planned) {
      await add(campaign, batches);
      await campaigns.noteEnqueued(campaign);
      return false;
    }
    // One that has its job keeps it.
    await add(
      campaign,
      batches.filter(({ number }) => number === firstBatch),
    );
    return (await campaigns.liftHold(campaign)) !== "held";
  };

  async function add({ account, id, sendableAt }: Campaign, batches: readonly Batch[]): Promise<void> {
    const now = clock.now();
    await queues.addBatches(
      batches.map(({ number, notBefore }) => ({
        id: batchId(id, number),
        data: { account, campaign: id, number },
        delayMs: Math.max(0, Math.max(sendableAt, notBefore) - now),
      })),
    );
  }
}

export type Enqueue = ReturnType<typeof createEnqueue>;
