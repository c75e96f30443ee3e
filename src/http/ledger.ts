import type { Batch } from "../campaign/batch.ts";
import type { Campaign, CampaignState } from "../campaign/campaign.ts";

/** What became of one person in one campaign (CONTRACT section 5). */
export type Outcome = "admitted" | "capped" | "duplicate" | "excluded" | "invalid" | "absent";

/** What this door reads of the ledger; `compose.ts` hands it over. */
export type Ledger = {
  findCampaign(id: string): Promise<Campaign | undefined>;
  /** Newest first. Throws INVALID_PARAMETER for a cursor that it did not give out. */
  listCampaigns(query: {
    account?: string;
    state?: CampaignState;
    cursor?: string;
    limit: number;
  }): Promise<{ items: readonly Campaign[]; nextCursor: string | null }>;
  batchesOf(campaign: Campaign): Promise<Batch[]>;
  findRecipient(campaign: Campaign, openid: string): Promise<{ outcome: Outcome; batch?: number }>;
};
