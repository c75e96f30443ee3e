import { z } from "zod";
import { type Batch, BatchState, ClosedBy, Counts, Verdict } from "./batch.ts";
import { type Campaign, CampaignState } from "./campaign.ts";
import { TroubleView, viewTrouble } from "./trouble-view.ts";

/** A result of WeChat's that no batch owns, and that could be this one's. Times are milliseconds. */
export type Candidate = {
  readonly msgId: string;
  readonly receivedAt: number;
  readonly result: { readonly state: "succeeded" | "failed"; readonly counts?: Counts | undefined };
};

/** A batch of which only a person can tell whether it went out, with all that is known of it. */
export type ReviewSheet = {
  readonly campaign: Campaign;
  readonly batch: Batch;
  readonly candidates: readonly Candidate[];
};

/** A campaign that sends to people of another one again. */
export const Again = z
  .object({
    id: z.string(),
    state: CampaignState,
    batches: z.array(z.int()).describe("The batches of the other one to whose people it sends."),
    partly: z.array(z.int()).describe("Batches left out because some of their people may have got it."),
  })
  .meta({ id: "Again" });
export type Again = z.infer<typeof Again>;

const moment = z.iso.datetime();

/** What a person has said of a batch, what WeChat says otherwise, and the campaign that sends to its people again. */
export const VerdictView = z.object({
  review: z
    .object({ verdict: Verdict, who: z.string(), why: z.string().nullable(), at: moment })
    .nullable()
    .describe("How a person has settled it; nothing overrides that."),
  contradiction: z
    .object({
      state: z.enum(["accepted", "succeeded", "failed"]),
      counts: Counts.nullable(),
      error: TroubleView.nullable(),
    })
    .nullable()
    .describe("What WeChat has said otherwise since then."),
  sentAgainAs: z.string().nullable().describe("The campaign that sends to its people again."),
});
type VerdictView = z.infer<typeof VerdictView>;

/** A review sheet as those see it who settle it, over HTTP or by `qunfa batch review -o json`. */
export const ReviewView = z
  .object({
    campaign: z.string(),
    account: z.string(),
    name: z.string().nullable(),
    number: z.int().positive(),
    size: z.int().nonnegative(),
    state: BatchState,
    clientmsgid: z.string(),
    calls: z.int().nonnegative(),
    msgId: z.string().nullable(),
    closedBy: ClosedBy.nullable(),
    counts: Counts.nullable(),
    error: TroubleView.nullable().describe("Why it is, or was, under review."),
    firstDoubtAt: moment.nullable().describe("Between this and the last call it went out, if it did."),
    lastCallAt: moment.nullable(),
    acceptedAt: moment.nullable(),
    closedAt: moment.nullable(),
    candidates: z
      .array(
        z.object({
          msgId: z.string(),
          receivedAt: moment,
          state: z.enum(["succeeded", "failed"]),
          counts: Counts.nullable(),
        }),
      )
      .describe("Results that no batch owns, and that could be its own."),
    ...VerdictView.shape,
  })
  .meta({ id: "Review", description: "A batch with all that a person needs to settle it." });
export type ReviewView = z.infer<typeof ReviewView>;

export function viewReview({ campaign, batch, candidates }: ReviewSheet): ReviewView {
  const { number, size, state, clientmsgid, calls } = batch;
  return {
    campaign: campaign.id,
    account: campaign.account,
    name: campaign.name ?? null,
    ...{ number, size, state, clientmsgid, calls },
    msgId: batch.msgId ?? null,
    closedBy: batch.closedBy ?? null,
    counts: batch.counts ?? null,
    error: viewTrouble(batch.reviewed ?? batch.trouble),
    firstDoubtAt: iso(batch.doubted ?? batch.doubtSince),
    lastCallAt: iso(batch.callAt),
    acceptedAt: iso(batch.acceptedAt),
    closedAt: iso(batch.closedAt),
    candidates: candidates.map(({ msgId, receivedAt, result }) => ({
      ...{ msgId, receivedAt: new Date(receivedAt).toISOString() },
      ...{ state: result.state, counts: result.counts ?? null },
    })),
    ...viewVerdict(batch, campaign),
  };
}

export function viewVerdict(
  { number, review, contradiction }: Batch,
  { again }: Pick<Campaign, "again">,
): VerdictView {
  return {
    review: review ? { ...review, why: review.why ?? null, at: new Date(review.at).toISOString() } : null,
    contradiction: contradiction
      ? {
          state: contradiction.state,
          counts: contradiction.counts ?? null,
          error: viewTrouble(contradiction.trouble),
        }
      : null,
    sentAgainAs: again?.[number] ?? null,
  };
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
