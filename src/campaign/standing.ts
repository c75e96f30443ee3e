import { z } from "zod";
import { type Batch, type BatchState, WaitReason } from "./batch.ts";
import type { Campaign, CampaignState } from "./campaign.ts";
import { countRecipients, type RecipientCounts } from "./report.ts";
import { isHeldBack, shownState } from "./waiting.ts";

/** What a batch that is not sent waits for: `paused` by a person, `none` when nothing that has a name is in its way. */
export const WaitingFor = z.enum([...WaitReason.options, "paused", "none"]);
export type WaitingFor = z.infer<typeof WaitingFor>;

/** What is read of the batches of an open campaign. */
export type StandingBatch = Pick<
  Batch,
  "number" | "state" | "size" | "msgId" | "counts" | "wait" | "callAt" | "notBefore" | "acceptedAt"
>;

/** An open campaign, with its batches once it has some to send. */
export type StandingCampaign = { readonly campaign: Campaign; readonly batches: readonly StandingBatch[] };

/** What stops an account's calls: a person's pause, and what WeChat stopped it for, with its end in milliseconds. */
export type AccountStop = {
  readonly paused: boolean;
  readonly block: { readonly reason: WaitReason; readonly until: number } | undefined;
};

/** How the open campaigns of an account stand at one moment. Times are milliseconds since the epoch. */
export type Standing = {
  readonly campaigns: ReadonlyMap<CampaignState, number>;
  readonly batches: ReadonlyMap<BatchState, number>;
  readonly recipients: RecipientCounts;
  /** Since when the batch that is not sent has waited that has waited longest, by what it waits for. */
  readonly waitingSince: ReadonlyMap<WaitingFor, number>;
  /** When the one was accepted that has waited longest for its result. */
  readonly acceptedSince: number | undefined;
};

export function standingOf(open: readonly StandingCampaign[], stop: AccountStop, now: number): Standing {
  const campaigns = new Map<CampaignState, number>();
  const states = new Map<BatchState, number>();
  const waitingSince = new Map<WaitingFor, number>();
  let acceptedSince: number | undefined;
  for (const { campaign, batches } of open) {
    count(campaigns, shownState(campaign, batches));
    const isHeld = isHeldBack(campaign, batches);
    for (const batch of batches) {
      count(states, batch.state);
      if (batch.state === "accepted" && batch.acceptedAt !== undefined)
        acceptedSince = Math.min(batch.acceptedAt, acceptedSince ?? batch.acceptedAt);
      if (campaign.state !== "sending" || !isUnsent(batch)) continue;
      const reason = whyUnsent(batch, campaign, isHeld, stop, now);
      const since = unsentSince(batch, campaign, stop, now);
      waitingSince.set(reason, Math.min(since, waitingSince.get(reason) ?? since));
    }
  }
  const recipients = countRecipients(open.flatMap(({ batches }) => batches));
  return { campaigns, batches: states, recipients, waitingSince, acceptedSince };
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Before, in or in doubt after its call. */
function isUnsent({ state }: StandingBatch): boolean {
  return state === "planned" || state === "sending" || state === "unknown";
}

/** What a batch has noted counts as long as it has not passed; one that has noted nothing waits with its account. */
function whyUnsent(
  { number, wait }: StandingBatch,
  { paused, stopped, firstBatch = 1 }: Campaign,
  isHeld: boolean,
  stop: AccountStop,
  now: number,
): WaitingFor {
  if (paused || stop.paused) return "paused";
  if (stopped) return "content";
  if (isHeld && number !== firstBatch) return "first-batch";
  if (wait && now < (wait.until ?? Number.POSITIVE_INFINITY)) return wait.reason;
  return stop.block && now < stop.block.until ? stop.block.reason : "none";
}

/** Since it could be sent first, was called last, or what it waited for has passed. */
function unsentSince(
  { callAt, notBefore, wait }: StandingBatch,
  { sendableAt }: Campaign,
  { block }: AccountStop,
  now: number,
): number {
  const moments = [sendableAt, callAt, notBefore, wait?.until, block?.until];
  return Math.max(...moments.map((at) => (at && at <= now ? at : 0)));
}
