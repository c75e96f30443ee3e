import { type Batch, isClosed, type Waiting } from "./batch.ts";
import type { Campaign, CampaignState } from "./campaign.ts";

/**
 * What a campaign that is being sent waits for: of several things the one that passes first, what needs a
 * person last (CONTRACT section 4). Not stored: the ledger notes waits at the batches that have them.
 */
export function waitingOf({ state, stopped }: Campaign, batches: readonly Batch[]): Waiting | undefined {
  if (state !== "sending") return undefined;
  const open = batches.filter((batch) => !isClosed(batch.state));
  const waits = open.flatMap(({ wait }) => (wait ? [wait] : []));
  // Told before the batches' own waits, for it says why; once all are out there is nothing left to stop.
  const stops = stopped && open.some((batch) => batch.state !== "accepted");
  if (stops) waits.unshift({ reason: "content", until: null, trouble: stopped });
  const endOf = ({ until }: Waiting) => until ?? Number.POSITIVE_INFINITY;
  return waits.reduce<Waiting | undefined>(
    (first, wait) => (first && endOf(first) <= endOf(wait) ? first : wait),
    undefined,
  );
}

/** The state as people see it: `waiting` is `sending` with something to wait for. */
export function shownState(campaign: Campaign, batches: readonly Batch[]): CampaignState {
  return waitingOf(campaign, batches) ? "waiting" : campaign.state;
}
