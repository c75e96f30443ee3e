import type { Batch } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { eventOf } from "../src/campaign/notification.ts";
import type { Progress } from "../src/campaign/report.ts";
import { shownState } from "../src/campaign/waiting.ts";
import type { Clock } from "../src/clock.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Feed } from "../src/store/feed.ts";

type Parts = {
  readonly queues: Pick<Queues, "restoreNotification">;
  readonly feed: Pick<Feed, "publish">;
  readonly clock: Clock;
};

/** Of one campaign, and a little less than its job lets pass between two looks at batches that move. */
const SPACING_MS = 900;
const KNOWN_MAX = 1_000;

/**
 * Tells the world of a campaign: everybody who follows the feed, and its owner by a message. Each may be said any
 * number of times: the feed leaves out what it has told of a campaign last, and of a message the ledger says
 * whether it is due (`store/lua/settle.lua`); should that be missed, the reconciler adds its job.
 */
export function createAnnounce({ queues, feed, clock }: Parts) {
  /** What this process has told last of each campaign: most looks at one bring nothing new. */
  const known = new Map<string, { state: string; progress: string; at: number }>();

  return {
    /** How far one is that has not ended, at most about once a second, and when its state has become another. */
    async course(campaign: Campaign, batches: readonly Batch[], progress?: Progress): Promise<void> {
      const { id, account } = campaign;
      const state = shownState(campaign, batches);
      const last = known.get(id) ?? { state: "", progress: "", at: 0 };
      if (last.state !== state) await feed.publish("campaign.state", { id, account, state }, state);
      const text = JSON.stringify(progress ?? null);
      // What comes too soon is told by the next look.
      const isDue = text !== last.progress && clock.now() - last.at >= SPACING_MS;
      if (progress && isDue) await feed.publish("campaign.progress", { id, account, state, progress });
      // Those that ended in another process are forgotten now and then.
      if (known.size > KNOWN_MAX) known.clear();
      known.set(id, progress && isDue ? { state, progress: text, at: clock.now() } : { ...last, state });
    },

    /** The newest report of one that has ended. */
    async end({ id, account, state, report, revision = 1, notification }: Campaign): Promise<void> {
      known.delete(id);
      if (notification?.state === "pending")
        await queues.restoreNotification(
          { account, campaign: id, revision: notification.revision },
          async () => true,
        );
      await feed.publish(eventOf(revision), { id, account, state, report }, String(revision));
    },
  };
}

export type Announce = ReturnType<typeof createAnnounce>;
