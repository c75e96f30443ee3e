import { type Batch, batchId } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import type { Clock } from "../src/clock.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Batches, End } from "../src/store/batches.ts";

type Parts = {
  readonly batches: Batches;
  readonly queues: Pick<Queues, "wakeBatch">;
  /** How long the next turn of an account lasts that a dropped batch gives up. */
  readonly leaseMs: number;
  readonly clock: Clock;
};

/**
 * Ends the batches of a campaign that are not to be called any more. What a call is under way for is left to
 * its own job until that has settled: `begin` refuses it then. Each answers whether there was any to end.
 */
export function createDrop({ batches, queues, leaseMs, clock }: Parts) {
  return {
    /** The message itself was refused: what has not been called fails without a call. */
    refused(campaign: Campaign, all: readonly Batch[]): Promise<boolean> {
      const trouble = campaign.refused ?? { code: "REFUSED", message: "the message was refused" };
      const uncalled = all.filter(({ state, calls }) => state === "planned" && calls === 0);
      return drop(campaign, uncalled, { state: "failed", by: "campaign", trouble });
    },

    /** The campaign is canceled: what was not sent is canceled, what is in doubt goes to a person. */
    canceled(campaign: Campaign, all: readonly Batch[]): Promise<boolean> {
      const late = campaign.reason === "DEADLINE";
      const trouble = late
        ? { code: "DEADLINE", message: "It was not sent by the campaign's deadline." }
        : { code: "CANCELED", message: "The campaign was canceled." };
      return drop(campaign, all.filter(isUnsent), {
        state: "canceled",
        by: late ? "deadline" : "cancel",
        trouble,
      });
    },
  };

  async function drop(
    { account, id }: Campaign,
    some: readonly Batch[],
    how: Pick<End, "state" | "by" | "trouble">,
  ): Promise<boolean> {
    for (const { number } of some) {
      const end = { ...how, leaseMs, now: clock.now() };
      const { next } = await batches.drop({ account, campaign: id, number }, end);
      if (next !== "") await queues.wakeBatch(next);
      await queues.wakeBatch(batchId(id, number));
    }
    return some.length > 0;
  }
}

export type Drop = ReturnType<typeof createDrop>;

/** No call is under way for it, and WeChat has not said that it has it. */
export function isUnsent({ state }: Batch): boolean {
  return state === "planned" || state === "unknown";
}
