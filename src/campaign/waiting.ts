import { type Batch, isClosed, type Waiting } from "./batch.ts";
import type { Campaign, CampaignState } from "./campaign.ts";
import { movesOf } from "./move.ts";

/** What of a batch its campaign's wait depends on. */
type Seen = Pick<Batch, "number" | "state" | "wait">;

/**
 * What a campaign that is being sent waits for: of several things the one that passes first, what needs a
 * person last (CONTRACT section 4). Not stored: the ledger notes waits at the batches that have them.
 */
export function waitingOf(campaign: Campaign, batches: readonly Seen[]): Waiting | undefined {
  const { state, paused, stopped } = campaign;
  if (state !== "sending" || paused) return undefined;
  const open = batches.filter((batch) => !isClosed(batch.state));
  const waits = open.flatMap(({ wait }) => (wait ? [wait] : []));
  // Told before the batches' own waits, for it says why; once all are out there is nothing left to stop.
  const stops = stopped && open.some((batch) => batch.state !== "accepted");
  if (stops) waits.unshift({ reason: "content", until: null, trouble: stopped });
  if (isHeldBack(campaign, batches)) waits.push({ reason: "first-batch", until: null });
  const endOf = ({ until }: Waiting) => until ?? Number.POSITIVE_INFINITY;
  return waits.reduce<Waiting | undefined>(
    (first, wait) => (first && endOf(first) <= endOf(wait) ? first : wait),
    undefined,
  );
}

/** Whether a campaign's first batch is out, and the others wait for its result or, after a bad one, a person. */
export function isHeldBack({ hold, firstBatch = 1 }: Campaign, batches: readonly Seen[]): boolean {
  if (!hold || !batches.some(({ number, state }) => number !== firstBatch && !isClosed(state))) return false;
  const first = batches.find(({ number }) => number === firstBatch);
  return first === undefined || first.state === "accepted" || isClosed(first.state);
}

/**
 * The state as people see it: `paused` until one resumes it, whatever it was, and `waiting` is `sending` with
 * something to wait for.
 */
export function shownState(campaign: Campaign, batches: readonly Seen[]): CampaignState {
  if (campaign.paused && movesOf(campaign.state).length > 0) return "paused";
  return waitingOf(campaign, batches) ? "waiting" : campaign.state;
}
