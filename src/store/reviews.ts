import { z } from "zod";
import type { AuditEntry, Signature } from "../campaign/audit.ts";
import { type BatchId, BatchState, type Review, type Verdict } from "../campaign/batch.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignId } from "../campaign/campaign-id.ts";
import { entryOf } from "./audits.ts";
import { addressOf, type BatchAddress, idOf, type Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

export type Settlement = {
  readonly verdict: Verdict;
  readonly by: Signature;
  /** What it went out as, if the person knows. */
  readonly msgId?: string | undefined;
};

const STATE = { sent: "succeeded", "not-sent": "failed" } as const;

/** Longest stem of an id that still leaves room for a number: ids have 128 characters at most. */
const STEM_MAX = 115;

/** Batches that only a person can settle, and campaigns that send to people of others again. */
export function createReviews(redis: RedisClient, keys: Keys) {
  const words = z.union([BatchState, z.enum(["illegal", "named", "owned"])]);
  const reviewScript = createScript(redis, "review-batch", z.tuple([words, z.string()]));
  const claimScript = createScript(redis, "claim-again", z.string());
  const finishScript = createScript(redis, "finish-again", z.enum(["finished", "gone"]));

  return {
    /** Batches of an account that are under review, by their ids, behind `after`. */
    async open(account: string, { after, limit }: { after?: string | undefined; limit: number }) {
      const ids = (await redis.zrange(keys.review(account), "0", "-1")).sort();
      const rest = after === undefined ? ids : ids.filter((id) => id > after);
      const page = rest.slice(0, limit);
      const next = rest.length > limit ? page.at(-1) : undefined;
      return { found: page.map((id) => addressOf(account, id as BatchId)), next };
    },

    /**
     * "illegal": the batch is not under review. "named": it has another msg_id; "owned": another batch, `of`, has this
     * one.
     */
    async settle(address: BatchAddress, { verdict, by, msgId }: Settlement, now: number) {
      const { account, campaign, number } = address;
      const review: Review = { verdict, ...by, at: now };
      const details = { verdict, ...(msgId !== undefined && { msgId }) };
      const entry: AuditEntry = {
        ...{ at: now, act: "review", account, campaign, batch: number, ...by, details },
      };
      const [word, of] = await reviewScript(
        [
          keys.campaign(account, campaign),
          keys.batch(account, campaign, number),
          keys.openBatches(account, campaign),
          keys.review(account),
          keys.openCampaigns(account),
          keys.messageOwner(account, msgId ?? ""),
          keys.inbox(account, msgId ?? ""),
          keys.unclaimed(account),
          keys.audit(account),
        ],
        [now, idOf(address), STATE[verdict], JSON.stringify(review), msgId ?? "", entryOf(entry)],
      );
      return { word, of };
    },

    /**
     * The id of the campaign that is to send to these batches again; undefined when each of them has one, those in
     * `free` left out.
     */
    async claimAgain(
      { account, id }: Pick<Campaign, "account" | "id">,
      { numbers, free = [] }: { readonly numbers: readonly number[]; readonly free?: readonly string[] },
      by: Signature,
      now: number,
    ): Promise<CampaignId | undefined> {
      const entry = entryOf({ at: now, act: "send-again", account, campaign: id, ...by });
      const stem = `${id.slice(0, STEM_MAX)}-again-`;
      const made = await claimScript(
        [keys.campaign(account, id), keys.audit(account)],
        [JSON.stringify(numbers), stem, JSON.stringify(free), entry],
      );
      return made === "" ? undefined : (made as CampaignId);
    },

    /** The campaign of that id has been made; `unsent`: it is removed now, and nobody was planned in it. */
    finishAgain: (
      { account, id }: Pick<Campaign, "account" | "id">,
      made: CampaignId,
      { unsent = false }: { unsent?: boolean } = {},
    ) => finishScript([keys.campaign(account, id)], [made, unsent ? 1 : 0]),
  };
}

export type Reviews = ReturnType<typeof createReviews>;
