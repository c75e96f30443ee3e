import { z } from "zod";
import { Trouble } from "./batch.ts";
import type { CampaignId } from "./campaign-id.ts";
import { Excluded } from "./exclusion.ts";
import { Message } from "./message.ts";
import { Notification, NotifyUrl } from "./notification.ts";
import { Prepared } from "./prepared.ts";
import { AudienceCounts, EndState, Report } from "./report.ts";
import { Segment } from "./segment.ts";

/** States of a campaign in the ledger (CONTRACT section 4). */
export const CampaignState = z.enum([
  "scheduled",
  "preparing",
  "sending",
  "waiting",
  "paused",
  "canceling",
  ...EndState.options,
]);
export type CampaignState = z.infer<typeof CampaignState>;

export function isEnded(state: CampaignState): state is z.infer<typeof EndState> {
  return EndState.safeParse(state).success;
}

/** One campaign of the ledger. Times are milliseconds since the epoch. */
export const Campaign = z.object({
  id: z.string().transform((id) => id as CampaignId),
  account: z.string(),
  name: z.string().optional(),
  state: CampaignState,
  version: z.number().int(),
  digest: z.string(),
  stamp: z.number(),
  /** The attempt to take it in that has made the record. */
  attempt: z.string().optional(),
  /** Absent where content was given in its place. */
  message: Message.optional(),
  /** The digest of the content that was given: what is to be sent, in place of a message. */
  content: z.string().optional(),
  /** What the content has become. */
  prepared: Prepared.optional(),
  /** WeChat's name for the article message that the first accepted batch became. */
  dataId: z.string().optional(),
  /** Whether a batch has succeeded. */
  delivered: z.boolean().optional(),
  /** Media that WeChat does not know any more. */
  spent: z.array(z.string()).optional(),
  sendIgnoreReprint: z.union([z.literal(0), z.literal(1)]),
  metadata: z.record(z.string(), z.string()).optional(),
  /** Where its report is POSTed. */
  notifyUrl: NotifyUrl.optional(),
  createdAt: z.number(),
  audience: AudienceCounts,
  /** A tag or all, if it has no list. */
  segment: Segment.optional(),
  /** Whether the members of a segment to be expanded have all been read; of a list that was not ready, whether it is. */
  gathered: z.boolean().optional(),
  /** The stored list that it names, if it has none of its own. */
  list: z.string().optional(),
  /** Whom it leaves out beside those whom every campaign of the account does. */
  exclude: Excluded.optional(),
  /** Of how many stored pieces its list is. */
  chunks: z.number().int().nonnegative(),
  /** When it comes due; before that it is `scheduled`. */
  startAt: z.number().optional(),
  /** What is not sent by then is canceled. */
  deadline: z.number().optional(),
  /** Calls are made only then, in minutes of the Shanghai day; from > to spans midnight. */
  windowFrom: z.number().int().min(0).max(1_439).optional(),
  windowTo: z.number().int().min(0).max(1_439).optional(),
  /** Lower than the account's own limit, or the same. */
  perUserPerMonth: z.number().int().min(1).max(4).optional(),
  overCap: z.enum(["skip", "fail"]).optional(),
  /** Until the first batch has succeeded, or a person lets the others go. */
  hold: z.literal("first-batch").optional(),
  /** The number of the batch that the hold waits for: 1, unless nobody was left in that. */
  firstBatch: z.number().int().positive().optional(),
  /** Stopped by a person until resumed; the state stays what it was. */
  paused: z.boolean().optional(),
  /** The Shanghai month in which its people are admitted. */
  month: z.string().optional(),
  shards: z.number().int().positive(),
  planned: z.number().int().nonnegative(),
  /** Why nothing was planned; of one that is being canceled, why. */
  reason: z
    .enum([
      "NOBODY_TO_SEND",
      "AUDIENCE_LOST",
      "OVER_CAP",
      "CANCELED",
      "DEADLINE",
      "CONTENT_REFUSED",
      "AUDIENCE_REFUSED",
    ])
    .optional(),
  enqueued: z.boolean(),
  sendableAt: z.number(),
  stopped: Trouble.optional(),
  refused: Trouble.optional(),
  /** The campaign to whose people it sends again. */
  againOf: z
    .string()
    .transform((id) => id as CampaignId)
    .optional(),
  /** The campaigns in which people of its batches are sent to again, by the number of the batch. */
  again: z.record(z.string(), z.string()).optional(),
  /** Those of them that may not have been made yet. */
  againBegun: z.record(z.string(), z.literal(true)).optional(),
  /** How many such campaigns there are. */
  agains: z.number().int().optional(),
  closedAt: z.number().optional(),
  report: Report.optional(),
  /** How often the report was written otherwise than before: 1 as it closes. */
  revision: z.int().positive().optional(),
  /** What has become of the newest message to `notifyUrl`. */
  notification: Notification.optional(),
});
export type Campaign = z.infer<typeof Campaign>;

/** What a campaign is to send, as far as its clientmsgids go: the message, or the content that was given in its place. */
export function askedFor({ message, content = "" }: Pick<Campaign, "message" | "content">) {
  return message ?? { content };
}
