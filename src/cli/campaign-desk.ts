import type { Account } from "../campaign/account.ts";
import type { Batch } from "../campaign/batch.ts";
import type { Campaign, CampaignState } from "../campaign/campaign.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import type { DryRun } from "../campaign/dry-run.ts";
import type { PeopleLines } from "../campaign/exclusion.ts";
import type { ListId } from "../campaign/list.ts";
import type { Move } from "../campaign/move.ts";
import type { Progress, Report } from "../campaign/report.ts";
import { Failure } from "../failure.ts";
import type { Lists } from "../store/lists.ts";
import type { Lookup } from "../store/lookup.ts";
import type { Recipient } from "../store/recipients.ts";
import type { By } from "./who.ts";

/** A campaign as the API shows it. */
export type CampaignView = {
  readonly id: string;
  readonly account: string;
  readonly name: string | null;
  readonly state: CampaignState;
  readonly waitingFor: {
    readonly reason: string;
    readonly until: string | null;
    readonly message?: string;
  } | null;
  readonly progress: Progress;
  readonly report: Report | null;
};

/** A list that is not stored: it has an id for the plan alone. */
export type HeldList = PeopleLines & { readonly id: ListId; readonly invalid: number };

/** What the commands about campaigns need of the ledger; `compose-cli.ts` hands it over. */
export type CampaignDesk = {
  readonly campaigns: {
    readonly accounts: ReadonlyMap<string, Pick<Account, "id" | "kind">>;
    find(id: string): Promise<Campaign | undefined>;
    list: Lookup["list"];
    batchesOf(campaign: Campaign): Promise<Batch[]>;
    view(campaign: Campaign, batches: readonly Batch[]): CampaignView;
    viewBatch(batch: Batch): object;
    recipients(campaign: Campaign): AsyncIterable<readonly Recipient[]>;
    /** Throws BAD_CAMPAIGN; nothing is written. `held` may be the list that the body names. */
    plan(body: unknown, held?: HeldList): Promise<DryRun>;
    /** Throws BAD_CAMPAIGN, ID_REUSED, ID_RETIRING. */
    takeIn(id: CampaignId, body: unknown): Promise<{ campaign: Campaign; isNew: boolean }>;
    /** Throws NOT_FOUND, ILLEGAL_MOVE. */
    move(id: string, move: Move, by: By): Promise<{ id: string; state: CampaignState }>;
    moveAccount(
      account: string,
      move: "pause" | "resume",
      by: By,
    ): Promise<{ account: string; state: string }>;
    readonly lists: Pick<Lists, "store" | "find">;
    removeList(id: ListId): Promise<unknown>;
    now(): number;
  };
};

/** @throws Failure NOT_FOUND, in the words given, when there is no such campaign */
export async function campaignIn(
  { campaigns }: CampaignDesk,
  id: string,
  noCampaign: string,
): Promise<Campaign> {
  const given = CampaignId.safeParse(id);
  const campaign = given.success ? await campaigns.find(given.data) : undefined;
  if (!campaign) throw new Failure("NOT_FOUND", noCampaign);
  return campaign;
}

/** A campaign and its batches, in one look. */
export async function lookAt(desk: CampaignDesk, id: string, noCampaign: string) {
  const campaign = await campaignIn(desk, id, noCampaign);
  const batches = await desk.campaigns.batchesOf(campaign);
  return { campaign, batches, view: desk.campaigns.view(campaign, batches) };
}
