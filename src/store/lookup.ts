import type { Campaign, CampaignState } from "../campaign/campaign.ts";
import { keptOf } from "../campaign/intake.ts";
import { type OpenId, openIdIn } from "../campaign/openid.ts";
import { shardOf } from "../campaign/shard.ts";
import { shownState } from "../campaign/waiting.ts";
import type { Audiences } from "./audiences.ts";
import type { Batches } from "./batches.ts";
import type { Campaigns } from "./campaigns.ts";
import { readPage } from "./page.ts";
import { isWithin, type Outcome, openFates, withoutBatch } from "./recipients.ts";

type Query = { account?: string; state?: CampaignState; cursor?: string; limit: number };

/** What people ask of the ledger: lists of campaigns, and the fate of one person. */
export function createLookup(campaigns: Campaigns, batches: Batches, audiences: Audiences) {
  /** Only of one that is being sent do its batches tell the state. */
  const stateOf = async (campaign: Campaign): Promise<CampaignState> =>
    shownState(campaign, campaign.state === "sending" ? await batches.of(campaign) : []);

  const fits = async (campaign: Campaign, { account, state }: Query): Promise<boolean> =>
    (account === undefined || campaign.account === account) &&
    (state === undefined || (await stateOf(campaign)) === state);

  async function outsidePlan(campaign: Campaign, shard: number, openid: OpenId): Promise<Outcome> {
    for (const list of ["capped", "excluded"] as const)
      if ((await audiences.readShard(campaign, shard, list)).includes(openid)) return list;
    return campaign.planned === 0 && (await isListed(campaign, openid)) ? withoutBatch(campaign) : "absent";
  }

  async function isListed(campaign: Campaign, openid: OpenId): Promise<boolean> {
    for await (const chunk of audiences.readList(campaign)) if (chunk.includes(openid)) return true;
    return false;
  }

  async function isMalformed(campaign: Campaign, entry: string): Promise<boolean> {
    const kept = keptOf(entry);
    for await (const entries of audiences.readInvalid(campaign)) if (entries.includes(kept)) return true;
    return false;
  }

  return {
    /** Campaigns, newest first. Throws INVALID_PARAMETER for a cursor that this did not give out. */
    list: (query: Query) =>
      readPage(query, {
        of: "campaigns",
        newest: campaigns.newest,
        async find(id) {
          const campaign = await campaigns.find(id);
          return campaign && (await fits(campaign, query)) ? campaign : undefined;
        },
      }),

    /** What became of one person in one campaign, and in which batch. */
    async recipient(campaign: Campaign, given: string): Promise<{ outcome: Outcome; batch?: number }> {
      const openid = openIdIn(given);
      if (openid === undefined) {
        return { outcome: (await isMalformed(campaign, given)) ? "invalid" : "absent" };
      }
      const shard = shardOf(openid, campaign.shards);
      const offset = (await audiences.readShard(campaign, shard)).indexOf(openid);
      if (offset < 0) return { outcome: await outsidePlan(campaign, shard, openid) };
      const batch = (await batches.of(campaign)).find((one) => isWithin(one, shard, offset));
      if (batch)
        return { outcome: (await openFates(audiences, campaign, batch))(openid), batch: batch.number };
      return { outcome: withoutBatch(campaign) };
    },
  };
}

export type Lookup = ReturnType<typeof createLookup>;
