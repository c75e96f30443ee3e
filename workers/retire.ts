import { type Batch, isClosed } from "../src/campaign/batch.ts";
import { type Campaign, isEnded } from "../src/campaign/campaign.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import { NOTIFY_MS } from "../src/campaign/notification.ts";
import type { Clock } from "../src/clock.ts";
import type { Logger } from "../src/log.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Notifications } from "../src/store/notifications.ts";
import type { Retirement } from "../src/store/retirement.ts";
import type { Reviews } from "../src/store/reviews.ts";
import type { Settle } from "./settle.ts";

type Parts = {
  readonly accounts: readonly string[];
  readonly campaigns: Campaigns;
  readonly batches: Batches;
  readonly retirement: Retirement;
  readonly notifications: Pick<Notifications, "dueSince">;
  readonly reviews: Pick<Reviews, "finishAgain">;
  readonly queues: Pick<Queues, "cleanJobs" | "cleanEvents" | "hasCampaign">;
  /** Adds a campaign up again that is not known to be over. */
  readonly correct: Settle["correct"];
  /** Unpins the stored lists that a campaign named, should they still be pinned. */
  readonly unpin: (campaign: Campaign) => Promise<unknown>;
  readonly retentionMs: number;
  readonly jobRetentionMs: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Campaigns of one account that are removed in one run, and ids that are looked through in it. */
const SLICE = 100;

/**
 * Removes what is past its retention: campaigns with all that belongs to them, so long after the moment at
 * which they had no open batch and no open review, finished jobs with their logs, and events that nobody
 * takes. BullMQ removes jobs by age only when another job of their queue finishes. A run does a bounded part of
 * it; the reconciler's job comes again. What lives by a time to live (docs/keys.md) goes by itself.
 */
export function createRetire({
  accounts,
  campaigns,
  batches,
  retirement,
  notifications,
  reviews,
  queues,
  correct,
  unpin,
  retentionMs,
  jobRetentionMs,
  clock,
  log,
}: Parts) {
  /** How many of the oldest ids have been looked through without being removed. */
  let offset = 0;

  return async (): Promise<{ campaigns: number; jobs: number }> => {
    const until = clock.now() - retentionMs;
    let removed = 0;
    const each = async (ids: readonly CampaignId[], look: (id: CampaignId) => Promise<boolean>) => {
      for (const id of ids) if (await apart({ campaign: id }, () => look(id))) removed += 1;
    };
    await each(await retirement.begun(), (id) => goOn(id, until));
    for (const account of accounts)
      await each(await retirement.due(account, until, SLICE), (id) => retire({ account, id }, until));

    const old = await retirement.claimed(until, offset, SLICE);
    const before = removed;
    await each(old, (id) => lookAfter(id, until));
    offset = old.length < SLICE ? 0 : offset + old.length - (removed - before);

    const jobs = (await apart({}, () => queues.cleanJobs(jobRetentionMs))) ?? 0;
    const events = (await apart({}, () => queues.cleanEvents(jobRetentionMs))) ?? 0;
    if (events > 0) log.warn({ events }, "Events that nobody had taken were removed");
    if (removed > 0) log.info({ campaigns: removed, jobs }, "Campaigns past their retention were removed");
    return { campaigns: removed, jobs };
  };

  /** One that can't be removed must not hold up the others. */
  async function apart<Value>(of: object, deed: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await deed();
    } catch (error) {
      const stack = error instanceof Error ? error.stack : String(error);
      log.error({ ...of, stack }, "Could not be removed at the end of its retention");
      return undefined;
    }
  }

  /** Answers whether it was removed. */
  async function retire(address: Pick<Campaign, "account" | "id">, until: number): Promise<boolean> {
    const claimed = await retirement.claimedId(address.id);
    const campaign = await campaigns.findAt(address);
    const all = campaign ? await batches.of(campaign) : [];
    if (campaign && !isOver(campaign, all)) {
      await retirement.stop(claimed);
      // Should it have gone to a person unnoticed, its retention runs no more.
      await correct(address);
      return false;
    }
    // A message goes before its campaign does; one that nobody tries any more, its account gone, holds up nothing.
    const dueSince = campaign && (await notifications.dueSince(campaign));
    if (dueSince !== undefined && dueSince > clock.now() - 2 * NOTIFY_MS) {
      await retirement.stop(claimed);
      return false;
    }
    if (campaign) await noteAgain(campaign);
    if ((await retirement.begin(claimed)) === "changed") return false;
    if (campaign) await unpin(campaign);
    if ((await retirement.remove(address, { campaign, batches: all }, until)) === "changed") {
      await retirement.stop(claimed);
      return false;
    }
    await retirement.forget(claimed);
    return true;
  }

  /**
   * Of one that sends to people of another again. A crash may have kept it from being noted there that it was made: once
   * it is gone, a repeat would make it anew. One that has sent to nobody stands in no other's way.
   */
  async function noteAgain({ account, id, againOf, planned }: Campaign): Promise<void> {
    if (againOf === undefined) return;
    await reviews.finishAgain({ account, id: againOf }, id, { unsent: planned === 0 });
  }

  /** A removal that a crash cut short. */
  async function goOn(id: CampaignId, until: number): Promise<boolean> {
    const account = await retirement.accountOf(id);
    if (account !== undefined) return retire({ account, id }, until);
    await retirement.forget(await retirement.claimedId(id));
    return false;
  }

  /**
   * What the lists of ended campaigns do not show: campaigns of an account that the accounts file names no
   * more, those that ended in a version without such lists, ids whose intake died for good.
   */
  async function lookAfter(id: CampaignId, until: number): Promise<boolean> {
    const account = await retirement.accountOf(id);
    if (account === undefined) return false;
    const address = { account, id };
    const campaign = await campaigns.findAt(address);
    if (!campaign) return (await queues.hasCampaign(id)) ? false : retire(address, until);
    if (!isEnded(campaign.state) || campaign.report?.batches.needsReview !== 0) return false;
    const endedAt = await retirement.endedAt(address);
    if (endedAt === undefined) await correct(campaign);
    const listed = accounts.includes(account);
    return endedAt !== undefined && endedAt <= until && !listed && retire(address, until);
  }
}

function isOver({ state, planned }: Campaign, all: readonly Batch[]): boolean {
  const over = all.every((batch) => isClosed(batch.state) && batch.state !== "needs_review");
  return isEnded(state) && over && all.length >= planned;
}
