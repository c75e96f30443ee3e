import { batchId } from "../src/campaign/batch.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import type { Clock } from "../src/clock.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Batches } from "../src/store/batches.ts";
import type { BatchAddress } from "../src/store/keys.ts";

/** A campaign's job adds up all batches whenever it wakes: not oftener than this, but for the last one. */
const SPACING_MS = 500;
const WOKEN_MAX = 1_000;

/** Wakes a batch's job and its campaign's: the W2 after every change of the ledger. */
export function createWake(of: {
  queues: Pick<Queues, "wakeBatch" | "wakeCampaign">;
  batches: Pick<Batches, "eldestInDoubt">;
  clock: Clock;
}) {
  const wokenAt = new Map<CampaignId, number>();

  return {
    batch: ({ campaign, number }: BatchAddress): Promise<void> =>
      of.queues.wakeBatch(batchId(campaign, number)),

    /** The batch that may wait for an older one's doubt to be settled; one that is not woken looks by itself. */
    async eldestInDoubt(account: string): Promise<void> {
      const eldest = await of.batches.eldestInDoubt(account);
      if (eldest) await of.queues.wakeBatch(eldest);
    },

    /**
     * `open`: how many of its batches are. One that is left out here is made up for: a campaign that moves
     * looks again by itself.
     */
    async campaign({ campaign }: BatchAddress, open: number): Promise<void> {
      const now = of.clock.now();
      const last = open === 0;
      if (!last && now - (wokenAt.get(campaign) ?? 0) < SPACING_MS) return;
      if (last) wokenAt.delete(campaign);
      else wokenAt.set(campaign, now);
      // Those whose last batch closed in another process are forgotten now and then.
      if (wokenAt.size > WOKEN_MAX) wokenAt.clear();
      await of.queues.wakeCampaign(campaign);
    },
  };
}

export type Wake = ReturnType<typeof createWake>;
