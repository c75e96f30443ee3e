import type { Batch } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { movesOf } from "../src/campaign/move.ts";
import type { Again, Candidate, ReviewSheet } from "../src/campaign/review-view.ts";
import { shownState } from "../src/campaign/waiting.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Reviews, Settlement } from "../src/store/reviews.ts";
import { SKEW_MS, type UnclaimedResults } from "../src/store/unclaimed.ts";
import type { SendAgain } from "./send-again.ts";
import type { Settle } from "./settle.ts";

type Parts = {
  readonly campaigns: Pick<Campaigns, "find">;
  readonly batches: Pick<Batches, "find" | "of">;
  readonly reviews: Pick<Reviews, "open" | "settle">;
  readonly unclaimed: Pick<UnclaimedResults, "list">;
  readonly sendAgain: SendAgain;
  readonly queues: Pick<Queues, "wakeCampaign">;
  readonly correct: Settle["correct"];
  readonly clock: Clock;
};

export type ReviewWish = Settlement & { readonly sendAgain?: boolean | undefined };

const CANDIDATES_MAX = 20;

/**
 * Batches that only a person can settle: shows what is known of one, and takes the verdict. What it had reserved goes
 * back when it did not go out, and its people may be sent to again.
 */
export function createReview(parts: Parts) {
  const { campaigns, batches, reviews, unclaimed, sendAgain, queues, correct, clock } = parts;

  return {
    look,

    /** Batches of an account that wait for a person, a page of them; `next` is where the page behind it begins. */
    async open(account: string, page: { after?: string | undefined; limit: number }) {
      const { found, next } = await reviews.open(account, page);
      const unowned = await readUnowned(account);
      const items = await Promise.all(
        found.map(async (address) => {
          const [campaign, batch] = await Promise.all([
            campaigns.find(address.campaign),
            batches.find(address),
          ]);
          if (!campaign || batch?.state !== "needs_review") return [];
          return [{ campaign, batch, candidates: candidatesIn(unowned, batch) }];
        }),
      );
      return { items: items.flat(), next };
    },

    /**
     * Settles a batch. The same verdict again changes nothing, and goes on where a crash has stopped.
     *
     * @throws Failure NOT_FOUND; ILLEGAL_MOVE when it is not under review, or settled otherwise; MSG_ID_OWNED when another
     *   batch has the msg_id, INVALID_PARAMETER when it has another itself; what sending again throws
     */
    async settle(id: string, number: number, wish: ReviewWish): Promise<ReviewSheet & { again?: Again }> {
      const { campaign } = await look(id, number);
      const address = { account: campaign.account, campaign: campaign.id, number };
      const { word, of } = await reviews.settle(address, wish, clock.now());
      if (word === "owned") throw new Failure("MSG_ID_OWNED", `The msg_id belongs to batch ${of}.`);
      if (word === "named") throw wrongMsgId();
      if (word === "illegal") await requireSame(campaign, number, wish);

      await queues.wakeCampaign(campaign.id);
      await correct({ account: campaign.account, id: campaign.id });
      const again = wish.sendAgain ? await sendAgain(id, { batch: number }, wish.by) : undefined;
      return { ...(await look(id, number)), ...(again && { again }) };
    },
  };

  /** @throws Failure NOT_FOUND */
  async function look(id: string, number: number): Promise<ReviewSheet> {
    const campaign = await campaigns.find(id);
    const batch =
      campaign && (await batches.find({ account: campaign.account, campaign: campaign.id, number }));
    if (!batch) throw new Failure("NOT_FOUND", `There is no such ${campaign ? "batch" : "campaign"}.`);
    const unowned = batch.state === "needs_review" ? await readUnowned(campaign.account) : [];
    return { campaign, batch, candidates: candidatesIn(unowned, batch) };
  }

  /** The newest results that no batch of the account owns. */
  async function readUnowned(account: string): Promise<readonly Candidate[]> {
    return (await unclaimed.list(account, { limit: CANDIDATES_MAX }, clock.now())).items;
  }

  /** It may be settled so already: by a repeat of this call, or by this one as the connection broke and came again. */
  async function requireSame(
    { id }: Campaign,
    number: number,
    { verdict, msgId }: Settlement,
  ): Promise<void> {
    const { campaign, batch } = await look(id, number);
    const isSame = batch.review?.verdict === verdict && (msgId ?? batch.msgId) === batch.msgId;
    if (!isSame) throw await notUnderReview(campaign, batch);
  }

  async function notUnderReview(campaign: Campaign, batch: Batch): Promise<Failure> {
    const { state, review } = batch;
    const why = review ? `a person has settled it as ${review.verdict}` : `it is ${state}`;
    const allowed = movesOf(shownState(campaign, await batches.of(campaign)));
    return new Failure("ILLEGAL_MOVE", `The batch is not under review: ${why}.`, { details: { allowed } });
  }
}

/** Results that came since its first call in doubt, and count as many people as it has. */
function candidatesIn(unowned: readonly Candidate[], batch: Batch): Candidate[] {
  const { state, msgId, size, doubtSince = batch.callAt } = batch;
  if (state !== "needs_review" || msgId !== undefined || doubtSince === undefined) return [];
  return unowned.filter(
    ({ receivedAt, result: { counts } }) =>
      receivedAt >= doubtSince - SKEW_MS && (counts === undefined || size === 0 || counts.total === size),
  );
}

function wrongMsgId(): Failure {
  const error = { path: "msgId", message: "the batch has another msg_id" };
  return new Failure("INVALID_PARAMETER", `${error.path}: ${error.message}`, {
    details: { errors: [error] },
  });
}

export type Review = ReturnType<typeof createReview>;
