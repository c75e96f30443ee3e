import type { Batch, Counts } from "./batch.ts";
import type { Campaign } from "./campaign.ts";
import { viewTrouble } from "./trouble-view.ts";

/** A result of WeChat's that no batch owns, and that could be this one's. Times are milliseconds. */
export type Candidate = {
  readonly msgId: string;
  readonly receivedAt: number;
  readonly result: { readonly state: string; readonly counts?: Counts | undefined };
};

/** A batch of which only a person can tell whether it went out, with all that is known of it. */
export type ReviewSheet = {
  readonly campaign: Campaign;
  readonly batch: Batch;
  readonly candidates: readonly Candidate[];
};

/** A campaign that sends to people of another one again. */
export type Again = {
  readonly id: string;
  readonly state: string;
  /** The batches of the other one to whose people it sends. */
  readonly batches: readonly number[];
  /** Batches that are left out because some of their people may have got the message. */
  readonly partly: readonly number[];
};

/** A review sheet as those see it who settle it, over HTTP or by `qunfa batch review -o json`. */
export function viewReview({ campaign, batch, candidates }: ReviewSheet) {
  const { number, size, state, clientmsgid, calls } = batch;
  return {
    campaign: campaign.id,
    account: campaign.account,
    name: campaign.name ?? null,
    ...{ number, size, state, clientmsgid, calls },
    msgId: batch.msgId ?? null,
    closedBy: batch.closedBy ?? null,
    counts: batch.counts ?? null,
    /** Why it is, or was, under review. */
    error: viewTrouble(batch.reviewed ?? batch.trouble),
    /** Between these two it went out, if it did. */
    firstDoubtAt: iso(batch.doubtSince),
    lastCallAt: iso(batch.callAt),
    acceptedAt: iso(batch.acceptedAt),
    closedAt: iso(batch.closedAt),
    candidates: candidates.map(({ msgId, receivedAt, result }) => ({
      ...{ msgId, receivedAt: iso(receivedAt), state: result.state, counts: result.counts ?? null },
    })),
    ...viewVerdict(batch, campaign),
  };
}

/** What a person has said of a batch, what WeChat says otherwise, and the campaign that sends to its people again. */
export function viewVerdict({ number, review, contradiction }: Batch, { again }: Pick<Campaign, "again">) {
  return {
    review: review ? { ...review, why: review.why ?? null, at: iso(review.at) } : null,
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
