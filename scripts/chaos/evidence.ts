import { z } from "zod";
import { BatchState, ClosedBy, Counts } from "../../src/campaign/batch.ts";
import { ListReport } from "../../src/campaign/report.ts";

/** A campaign as the API shows it. */
export const ShownCampaign = z.object({
  id: z.string(),
  account: z.string(),
  state: z.string(),
  waitingFor: z.object({ reason: z.string(), until: z.string().nullable() }).nullable(),
  report: ListReport.nullable(),
});
export type ShownCampaign = z.infer<typeof ShownCampaign>;

export const ShownBatch = z.object({
  number: z.number(),
  state: BatchState,
  size: z.number(),
  clientmsgid: z.string(),
  msgId: z.string().nullable(),
  closedBy: ClosedBy.nullable(),
  counts: Counts.nullable(),
});
export type ShownBatch = z.infer<typeof ShownBatch>;

/** What the API says of one person in a campaign. */
export const Fate = z.object({
  openid: z.string(),
  outcome: z.string(),
  state: BatchState.nullable(),
});
export type Fate = z.infer<typeof Fate>;

/** An accepted message in the sandbox's books; `filter` is who was left after filtering. */
export const BookedJob = z.object({
  msg_id: z.string(),
  clientmsgid: z.string().optional(),
  text: z.string().optional(),
  size: z.number(),
  status: z.string(),
  result: z.string().optional(),
  counts: z.object({ total: z.number(), filter: z.number(), sent: z.number(), error: z.number() }),
  callbacks: z.array(z.object({ answer: z.string() })),
});
export type BookedJob = z.infer<typeof BookedJob>;

export const Books = z.object({
  totals: z.object({
    arrived: z.record(z.string(), z.number()),
    refused: z.record(z.string(), z.number()),
  }),
  jobs: z.array(BookedJob),
});

export const JobList = z.object({
  recipients: z.array(z.object({ openid: z.string(), outcome: z.string() })),
});

/** A message with everybody on its list, and what became of each, in its order. */
export type Delivery = BookedJob & {
  readonly openids: readonly string[];
  readonly outcomes: readonly string[];
};

export type CampaignEvidence = {
  readonly id: string;
  /** What was enqueued: who can be admitted, each once, and what else stood in the list. */
  readonly people: readonly string[];
  readonly duplicates: number;
  readonly invalid: number;
  readonly report: ListReport;
  readonly batches: readonly ShownBatch[];
  /** Of some of them. */
  readonly fates: readonly Fate[];
  readonly deliveries: readonly Delivery[];
};

export type AccountEvidence = {
  readonly account: string;
  readonly perUserPerMonth: number;
  readonly sendCallsPerDay: number;
  /** Calls of mass/send that can have been begun and never left, their process having been killed. */
  readonly callsLostMost: number;
  readonly arrived: number;
  readonly refused: Readonly<Record<string, number>>;
  /** What qunfa has counted today, and how many people stand at how many messages. */
  readonly quotaUsed: number;
  readonly capUsers: Readonly<Record<string, number>>;
  readonly campaigns: readonly CampaignEvidence[];
  /** Of no campaign that was enqueued. */
  readonly strangers: readonly Delivery[];
};

export const kindsOfProblem = [
  "double",
  "loss",
  "report",
  "cap",
  "quota",
  "log",
  "process",
  "end",
  "run",
] as const;
export type Problem = {
  readonly kind: (typeof kindsOfProblem)[number];
  readonly says: string;
  /** Whom it concerns: doubles and losses. */
  readonly people?: number;
};
