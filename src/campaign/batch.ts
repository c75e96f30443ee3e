import { createHash } from "node:crypto";
import { z } from "zod";
import type { CampaignId } from "./campaign-id.ts";
import type { Message } from "./message.ts";
import { ArticleUrl, Originality } from "./originality.ts";
import type { Segment } from "./segment.ts";

export const BatchState = z.enum([
  "planned",
  "sending",
  "accepted",
  "succeeded",
  "failed",
  "unknown",
  "needs_review",
  "canceled",
]);
export type BatchState = z.infer<typeof BatchState>;

/** States that a batch does not leave by qunfa's own doing. */
export const CLOSED: readonly BatchState[] = ["succeeded", "failed", "needs_review", "canceled"];

export function isClosed(state: BatchState): boolean {
  return CLOSED.includes(state);
}

/** Names one batch of one campaign: also the id of its job and the stem of its quota units. */
export const BatchId = z.templateLiteral([z.string(), "~", z.number().int().positive()]).brand<"BatchId">();
export type BatchId = z.infer<typeof BatchId>;

export function batchId(campaign: CampaignId, number: number): BatchId {
  return `${campaign}~${number}` as BatchId;
}

/** Who brought the end of a batch. */
export const ClosedBy = z.enum([
  "callback",
  "poll",
  "reply",
  "campaign",
  "account",
  "lost",
  "cancel",
  "deadline",
  "month",
  "nobody",
  "resend-window",
  "give-up",
  "person",
]);
export type ClosedBy = z.infer<typeof ClosedBy>;

/** What WeChat's callback counts (WECHAT.md section 6.3); `filtered` is TotalCount − FilterCount. */
export const Counts = z.strictObject({
  total: z.number().int().nonnegative(),
  filtered: z.number().int(),
  sent: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
});
export type Counts = z.infer<typeof Counts>;

/** Why a batch waits or ended, in WeChat's words where WeChat spoke. */
export const Trouble = z.object({
  code: z.string(),
  errcode: z.number().int().optional(),
  message: z.string(),
  rid: z.string().optional(),
  /** What a person can do about it. */
  remedy: z.string().optional(),
});
export type Trouble = z.infer<typeof Trouble>;

/** What a person says of a batch of which WeChat has told nothing that can be relied upon. */
export const Verdict = z.enum(["sent", "not-sent"]);
export type Verdict = z.infer<typeof Verdict>;

/** Times are milliseconds since the epoch. */
export const Review = z.object({
  verdict: Verdict,
  who: z.string(),
  why: z.string().optional(),
  at: z.number(),
});
export type Review = z.infer<typeof Review>;

/** What a campaign or batch can wait for (CONTRACT section 4). */
export const WaitReason = z.enum([
  "daily-quota",
  "minute-quota",
  "window",
  "month",
  "admin-confirmation",
  "resend",
  "account",
  "content",
  "first-batch",
]);
export type WaitReason = z.infer<typeof WaitReason>;

/** `until` is in milliseconds, null where a person must act; `trouble` is what WeChat said. */
export const Waiting = z.object({
  reason: WaitReason,
  until: z.number().nullable(),
  trouble: Trouble.optional(),
});
export type Waiting = z.infer<typeof Waiting>;

/** What became of taking a message, or one article of it, back (WECHAT.md section 2.5). */
const Recalled = z.object({
  /** When WeChat said that it is deleted. */
  at: z.number().optional(),
  /** Until when a call may be under way. */
  askingUntil: z.number().optional(),
  /** A call was made whose outcome is not known. */
  inDoubt: z.boolean().optional(),
  trouble: Trouble.optional(),
});

/** One batch of the ledger. Times are milliseconds since the epoch. */
export const Batch = z.object({
  campaign: z.string().transform((id) => id as CampaignId),
  number: z.number().int().positive(),
  /** How many people; 0 of one whose people WeChat itself finds, and of one in which nobody is left. */
  size: z.number().int().nonnegative(),
  /** The Shanghai month in which its people are admitted. */
  month: z.string(),
  /** Whether its people were admitted again, in a later month than the campaign's others. */
  readmitted: z.boolean().optional(),
  /** The Shanghai month whose number of messages to everybody holds one for it. */
  toAllMonth: z.string().optional(),
  from: z.object({ shard: z.number().int(), offset: z.number().int() }),
  to: z.object({ shard: z.number().int(), offset: z.number().int() }),
  clientmsgid: z.string(),
  state: BatchState,
  version: z.number().int(),
  epoch: z.number().int(),
  calls: z.number().int(),
  callAt: z.number().optional(),
  doubtSince: z.number().optional(),
  resends: z.number().int(),
  misses: z.number().int(),
  /** WeChat refused it because of somebody in it: its members are to be looked up, or were. */
  check: z.enum(["due", "done"]).optional(),
  /** The media that its last call carried. */
  mediaId: z.string().optional(),
  notBefore: z.number(),
  msgId: z.string().optional(),
  msgDataId: z.string().optional(),
  acceptedAt: z.number().optional(),
  polls: z.number().int(),
  polledAt: z.number().optional(),
  closedBy: ClosedBy.optional(),
  closedAt: z.number().optional(),
  counts: Counts.optional(),
  originality: Originality.optional(),
  articleUrls: z.array(ArticleUrl).optional(),
  wait: Waiting.optional(),
  trouble: Trouble.optional(),
  /** How a person has settled it. */
  review: Review.optional(),
  /** Why it had been under review, and when its first call was in doubt. */
  reviewed: Trouble.optional(),
  doubted: z.number().optional(),
  /** What WeChat says otherwise since then; the verdict stands. */
  contradiction: z
    .object({
      state: z.enum(["accepted", "succeeded", "failed"]),
      counts: Counts.optional(),
      trouble: Trouble.optional(),
    })
    .optional(),
  /** By the number of the article, "0" for all. */
  recalls: z.record(z.string(), Recalled).optional(),
});
export type Batch = z.infer<typeof Batch>;

/**
 * Whether what a batch reserved of the monthly cap goes back: it was refused for good or canceled, WeChat's
 * callback says that it failed and was sent to nobody, or a person says that it did not go out. What only a poll
 * says may have reached some (MECHANICS section 1).
 */
export function givesBack({
  state,
  closedBy,
  counts,
}: Pick<Batch, "state" | "closedBy" | "counts">): boolean {
  if (state === "canceled") return true;
  if (state !== "failed" || closedBy === "poll") return false;
  if (closedBy === "person") return !counts?.sent;
  return closedBy === "callback" ? counts?.sent === 0 : true;
}

/**
 * The idempotency key that WeChat compares for 24 h: 32 hex characters, the longest it takes
 * (WECHAT.md section 3), a digest of everything that makes this batch this batch.
 */
export function clientMsgId(of: {
  account: string;
  campaign: CampaignId;
  number: number;
  /** Of a batch that was admitted again in a later month than its campaign. */
  month?: string;
  message: Message | { readonly content: string };
  members: readonly string[];
  /** In place of members. */
  segment?: Segment;
}): string {
  const digest = createHash("sha256");
  const { account, campaign, number, message, month, segment } = of;
  digest.update(JSON.stringify([account, campaign, number, message, month, ...(segment ? [segment] : [])]));
  if (of.members.length > 0) digest.update(`\n${of.members.join("\n")}`);
  return digest.digest("hex").slice(0, 32);
}
