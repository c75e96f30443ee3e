import { z } from "zod";
import { Trouble } from "./batch.ts";
import type { CampaignId } from "./campaign-id.ts";
import { Message } from "./message.ts";
import { AudienceCounts, EndState, Report } from "./report.ts";

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
  message: Message,
  sendIgnoreReprint: z.union([z.literal(0), z.literal(1)]),
  metadata: z.record(z.string(), z.string()).optional(),
  createdAt: z.number(),
  audience: AudienceCounts,
  chunks: z.number().int().nonnegative(),
  shards: z.number().int().positive(),
  planned: z.number().int().nonnegative(),
  /** Why nothing was planned. */
  reason: z.enum(["NOBODY_TO_SEND", "AUDIENCE_LOST"]).optional(),
  enqueued: z.boolean(),
  sendableAt: z.number(),
  stopped: Trouble.optional(),
  refused: Trouble.optional(),
  closedAt: z.number().optional(),
  report: Report.optional(),
});
export type Campaign = z.infer<typeof Campaign>;
