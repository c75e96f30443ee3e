import { z } from "zod";
import type { Batch } from "../campaign/batch.ts";
import type { Campaign, CampaignState } from "../campaign/campaign.ts";

/** What became of one person in one campaign (CONTRACT section 5). */
export const Outcome = z.enum(["admitted", "capped", "duplicate", "excluded", "invalid", "absent"]);
export type Outcome = z.infer<typeof Outcome>;

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
