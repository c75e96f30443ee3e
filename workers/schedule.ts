import type { Campaign } from "../src/campaign/campaign.ts";
import type { Clock } from "../src/clock.ts";
import type { Sleep } from "../src/queues/sleep.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Moves } from "../src/store/moves.ts";

type Parts = {
  readonly campaigns: Campaigns;
  readonly moves: Pick<Moves, "cancel">;
  readonly clock: Clock;
};

/** The longest a scheduled campaign sleeps without a look at its clock. */
const LOOK_AGAIN_MS = 3_600_000;

/**
 * Waits for a campaign's start: sleeps until it comes due, a person moves it, or its deadline ends it before
 * anything is planned. A start that was missed is a start now. Read on in `plan.ts`.
 */
export function createSchedule({ campaigns, moves, clock }: Parts) {
  return async (taken: Campaign, job: JobView): Promise<Campaign | Sleep> => {
    if (taken.state !== "scheduled" && taken.state !== "preparing") return taken;
    const campaign = await campaigns.get(taken);
    const { version, state, paused, startAt = 0, deadline = Number.POSITIVE_INFINITY } = campaign;
    const now = clock.now();
    if (now >= deadline) {
      await moves.cancel(campaign, "DEADLINE");
      await job.note("Its deadline has passed: nothing is sent.");
      return campaigns.get(campaign);
    }
    if (state !== "scheduled") return campaign;
    // A pause may come between: then it is scheduled still, and its version another.
    if (!paused && now >= startAt && (await campaigns.comeDue(campaign, now)) !== "scheduled")
      return campaigns.get(campaign);
    const due = paused ? Number.POSITIVE_INFINITY : startAt;
    return {
      kind: "sleep",
      delayMs: Math.min(due - now, deadline - now, LOOK_AGAIN_MS),
      changed: async () => (await campaigns.version(campaign)) !== version,
    };
  };
}
