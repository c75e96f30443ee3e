import { z } from "zod";
import { type Batch, isClosed, Trouble } from "./batch.ts";
import { nativeSegment, type Segment } from "./segment.ts";

const count = z.number().int().nonnegative();

/** What became of the list: `received` is always the sum of the other five. */
export const AudienceCounts = z.object({
  received: count,
  invalid: count,
  duplicate: count,
  excluded: count,
  capped: count,
  admitted: count,
});
export type AudienceCounts = z.infer<typeof AudienceCounts>;

export const BatchCounts = z.object({
  planned: count,
  succeeded: count,
  failed: count,
  needsReview: count,
  canceled: count,
});
export type BatchCounts = z.infer<typeof BatchCounts>;

export const RecipientCounts = z.object({
  submitted: count,
  total: count,
  filtered: z.number().int(),
  sent: count,
  failed: count,
});
export type RecipientCounts = z.infer<typeof RecipientCounts>;

export const EndState = z.enum(["completed", "partly_completed", "failed", "canceled"]);
export type EndState = z.infer<typeof EndState>;

/** The return value of a campaign's job (CONTRACT section 4). Times are ISO 8601 in UTC. */
export const Report = z.object({
  campaignId: z.string(),
  account: z.string(),
  state: EndState,
  reason: z.string().nullable(),
  /** Why nothing could be sent, where there is more to say. */
  error: Trouble.optional(),
  /** Null where WeChat itself expands the audience. */
  audience: AudienceCounts.nullable(),
  batches: BatchCounts,
  recipients: RecipientCounts,
  countsMissing: count,
  sendCalls: count,
  createdAt: z.string(),
  closedAt: z.string(),
});
export type Report = z.infer<typeof Report>;

/** The report of a campaign whose people qunfa knows. */
export const ListReport = Report.extend({ audience: AudienceCounts });
export type ListReport = z.infer<typeof ListReport>;

/** How far a campaign is: also the job's progress. `percent` is of the recipients whose batch is closed. */
export const Progress = z.object({
  percent: z.number().int().min(0).max(100),
  batches: BatchCounts,
  recipients: RecipientCounts,
});
export type Progress = z.infer<typeof Progress>;

export function countBatches(batches: readonly Batch[]): BatchCounts {
  const inState = (state: Batch["state"]) => batches.filter((batch) => batch.state === state).length;
  return {
    planned: batches.length,
    succeeded: inState("succeeded"),
    failed: inState("failed"),
    needsReview: inState("needs_review"),
    canceled: inState("canceled"),
  };
}

/** Sums over what was accepted or adopted, in WeChat's own counts where it reported them. */
export function countRecipients(batches: readonly Batch[]): RecipientCounts {
  const submitted = batches.filter(isSubmitted);
  const sum = (of: (batch: Batch) => number) => submitted.reduce((total, batch) => total + of(batch), 0);
  return {
    // Of people whom WeChat finds itself only its own count is known.
    submitted: sum(({ size, counts }) => size || (counts?.total ?? 0)),
    total: sum((batch) => batch.counts?.total ?? 0),
    filtered: sum((batch) => batch.counts?.filtered ?? 0),
    sent: sum((batch) => batch.counts?.sent ?? 0),
    failed: sum((batch) => batch.counts?.failed ?? 0),
  };
}

/** WeChat has taken it, or a person says so. */
function isSubmitted({ msgId, review }: Batch): boolean {
  return msgId !== undefined || review?.verdict === "sent";
}

export function progressOf(batches: readonly Batch[]): Progress {
  const weigh = ({ size }: Batch) => size || (batches.length === 1 ? 1 : 0);
  const people = batches.reduce((sum, batch) => sum + weigh(batch), 0);
  const closed = batches.reduce((sum, batch) => sum + (isClosed(batch.state) ? weigh(batch) : 0), 0);
  return {
    percent: people === 0 ? 0 : Math.floor((100 * closed) / people),
    batches: countBatches(batches),
    recipients: countRecipients(batches),
  };
}

/**
 * The end of a campaign whose batches are all closed (CONTRACT section 4, end states). A batch in which a new
 * month, or a look at its members, has left nobody says nothing: the others decide.
 */
export function endOf(
  all: readonly Batch[],
  whyNothing = "NOBODY_TO_SEND",
): { state: EndState; reason: string | null } {
  const nobody = ({ closedBy }: Batch) => closedBy === "month" || closedBy === "nobody";
  const batches = all.filter((batch) => batch.state !== "canceled" || !nobody(batch));
  const { planned, succeeded, failed, needsReview, canceled } = countBatches(batches);
  if (planned === 0) {
    const reason = all.length === 0 ? whyNothing : "NOBODY_TO_SEND";
    return { state: reason === "CANCELED" || reason === "DEADLINE" ? "canceled" : "failed", reason };
  }
  if (canceled > 0) {
    const late = batches.every(({ state, closedBy }) => state !== "canceled" || closedBy === "deadline");
    return { state: "canceled", reason: late ? "DEADLINE" : "CANCELED" };
  }
  if (succeeded === planned) return { state: "completed", reason: null };
  if (succeeded > 0)
    return { state: "partly_completed", reason: failed > 0 ? failureOf(batches) : "NEEDS_REVIEW" };
  if (needsReview > 0) return { state: "partly_completed", reason: "NEEDS_REVIEW" };
  return { state: "failed", reason: failureOf(batches) };
}

/** REFUSED: WeChat said no to a call; ACCOUNT: the account's own trouble; SEND_FAILED: accepted, then failed. */
function failureOf(batches: readonly Batch[]): string {
  const closers = new Set(batches.filter(({ state }) => state === "failed").map(({ closedBy }) => closedBy));
  if (closers.has("lost")) return "AUDIENCE_LOST";
  if (closers.has("account")) return "ACCOUNT";
  return closers.has("reply") || closers.has("campaign") ? "REFUSED" : "SEND_FAILED";
}

/**
 * What became of the list. When a campaign has ended before anything was planned, nobody has been admitted:
 * who was not told apart as something else is `excluded`.
 */
function audienceOf(audience: AudienceCounts, batches: readonly Batch[]): AudienceCounts {
  if (batches.length > 0) return audience;
  const { received, invalid, duplicate, capped } = audience;
  return { ...audience, excluded: received - invalid - duplicate - capped, admitted: 0 };
}

/** The report of an ended campaign. */
export function reportOf(
  campaign: {
    id: string;
    account: string;
    audience: AudienceCounts;
    segment?: Segment | undefined;
    createdAt: number;
    reason?: string | undefined;
    refused?: Trouble | undefined;
  },
  batches: readonly Batch[],
  closedAt: number,
): Report {
  const counted = new Set<Batch["state"]>(["succeeded", "failed"]);
  return {
    campaignId: campaign.id,
    account: campaign.account,
    ...endOf(batches, campaign.reason),
    ...(batches.length === 0 && campaign.refused && { error: campaign.refused }),
    audience: nativeSegment(campaign) ? null : audienceOf(campaign.audience, batches),
    batches: countBatches(batches),
    recipients: countRecipients(batches),
    countsMissing: batches.filter(
      (batch) => counted.has(batch.state) && isSubmitted(batch) && batch.counts === undefined,
    ).length,
    sendCalls: batches.reduce((sum, { calls }) => sum + calls, 0),
    createdAt: new Date(campaign.createdAt).toISOString(),
    closedAt: new Date(closedAt).toISOString(),
  };
}
