import { randomUUID } from "node:crypto";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignId } from "../campaign/campaign-id.ts";

type Address = Pick<Campaign, "account" | "id">;

/**
 * One attempt to take a campaign in: where it puts away what the campaign brings, until the record is created. Several
 * may be under way for one id, and their bodies differ: a repeat, a job that is run twice.
 */
export type Attempt = Address;

/** What one has put away goes by itself when it puts nothing more there for so long, and makes no campaign of it. */
export const ATTEMPT_MS = 3_600_000;

/** No campaign's id has a `~` in it. */
export function newAttempt({ account, id }: Address): Attempt {
  return { account, id: `${id}~${randomUUID()}` as CampaignId };
}

/** What a campaign may bring: each has a key of this name. */
export const BROUGHT = ["list", "exclusion", "content"] as const;
export type Brought = (typeof BROUGHT)[number];
