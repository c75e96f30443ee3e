import { z } from "zod";
import { type Batch, batchId } from "../campaign/batch.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignId } from "../campaign/campaign-id.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

type Address = Pick<Campaign, "account" | "id">;

/** An id, and its mark in the index of campaigns: an id that is used again has another. "" for none. */
export type ClaimedId = { readonly id: CampaignId; readonly claimedAt: string };

/**
 * What is past its retention, and its removal. Three steps, for two hash tags can't be changed as one:
 * `begin`, `remove`, `forget`, each of which may be repeated; `lua/begin-retiring.lua` gives the reasons.
 */
export function createRetirement(redis: RedisClient, keys: Keys) {
  const beginScript = createScript(redis, "begin-retiring", z.enum(["begun", "changed"]));
  const removeScript = createScript(redis, "retire-campaign", z.enum(["removed", "changed"]));
  const stopScript = createScript(redis, "stop-retiring", z.enum(["stopped", "done"]));
  const forgetScript = createScript(redis, "forget-id", z.enum(["forgotten", "done"]));

  /** Numbers of all its batches: a plan that was cut short has some that it does not count. */
  async function numbersOf({ account, id }: Address, all: readonly Batch[]): Promise<number[]> {
    const open = await redis.smembers(keys.openBatches(account, id));
    return [...new Set([...all.map(({ number }) => number), ...open.map(Number)])];
  }

  return {
    /** Ids of the campaigns of an account whose retention began at `until` or before, oldest first. */
    due: (account: string, until: number, count: number) =>
      redis.zrangebyscore(keys.ended(account), "-inf", until, "LIMIT", 0, count) as Promise<CampaignId[]>,

    /** Since when a campaign's retention runs, in milliseconds; undefined while it does not. */
    async endedAt({ account, id }: Address): Promise<number | undefined> {
      const score = await redis.zscore(keys.ended(account), id);
      return score === null ? undefined : Number(score);
    },

    /** Ids that were claimed at `until` or before, oldest first. */
    claimed: (until: number, offset: number, count: number) =>
      redis.zrangebyscore(keys.campaignIndex, "-inf", until, "LIMIT", offset, count) as Promise<CampaignId[]>,

    async claimedId(id: CampaignId): Promise<ClaimedId> {
      return { id, claimedAt: (await redis.zscore(keys.campaignIndex, id)) ?? "" };
    },

    accountOf: async (id: CampaignId): Promise<string | undefined> =>
      (await redis.get(keys.campaignAccount(id))) ?? undefined,

    /** Removals that were begun: more than those under way when a worker died in one. */
    begun: async () => (await redis.hkeys(keys.retiring)) as CampaignId[],

    begin: ({ id, claimedAt }: ClaimedId) =>
      beginScript([keys.campaignIndex, keys.retiring], [id, claimedAt]),

    /**
     * Removes what its account keeps of a campaign, as it was read: record, list, plan, batches, the owners of
     * their msg_ids. "changed" when it is not what was read, or its retention is not over at `until`.
     */
    async remove(
      address: Address,
      seen: { campaign: Campaign | undefined; batches: readonly Batch[] },
      until: number,
    ) {
      const { account, id } = address;
      const numbers = await numbersOf(address, seen.batches);
      const msgIds = seen.batches.flatMap(({ msgId }) => (msgId === undefined ? [] : [msgId]));
      return removeScript(
        [
          keys.campaign(account, id),
          ...[keys.ended(account), keys.openCampaigns(account), keys.doubt(account), keys.review(account)],
          ...[keys.turn(account), keys.turnQueue(account), keys.dueMessages(account)],
          ...[
            keys.list(account, id),
            keys.plan(account, id),
            keys.openBatches(account, id),
            keys.content(account, id),
            keys.exclusion(account, id),
            keys.messages(account, id),
          ],
          ...numbers.flatMap((number) => [
            keys.batch(account, id, number),
            keys.readmission(account, id, number),
          ]),
          ...msgIds.map((msgId) => keys.messageOwner(account, msgId)),
        ],
        [
          ...[id, seen.campaign?.version ?? "", until],
          JSON.stringify(numbers.map((number) => batchId(id, number))),
          seen.campaign?.revision ?? "",
        ],
      );
    },

    /** Leaves a campaign where it is whose removal was begun. */
    stop: ({ id, claimedAt }: ClaimedId) => stopScript([keys.retiring], [id, claimedAt]),

    forget: ({ id, claimedAt }: ClaimedId) =>
      forgetScript(
        [keys.campaignAccount(id), keys.campaignIndex, keys.retiring, keys.feedTold],
        [id, claimedAt],
      ),
  };
}

export type Retirement = ReturnType<typeof createRetirement>;
