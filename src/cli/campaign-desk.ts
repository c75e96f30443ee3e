import type { Account } from "../campaign/account.ts";
import type { AgainPlan } from "../campaign/again.ts";
import type { Signature } from "../campaign/audit.ts";
import type { Batch, Verdict } from "../campaign/batch.ts";
import type { Campaign, CampaignState } from "../campaign/campaign.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import type { DryRun } from "../campaign/dry-run.ts";
import type { PeopleLines } from "../campaign/exclusion.ts";
import type { ListId } from "../campaign/list.ts";
import type { Move } from "../campaign/move.ts";
import type { Progress, Report } from "../campaign/report.ts";
import type { Again, ReviewSheet } from "../campaign/review-view.ts";
import { Failure } from "../failure.ts";
import type { Audits } from "../store/audits.ts";
import type { Lists } from "../store/lists.ts";
import type { Lookup } from "../store/lookup.ts";
import type { Recipient } from "../store/recipients.ts";

/** A campaign as the API shows it. */
export type CampaignView = {
  readonly id: string;
  readonly account: string;
  readonly name: string | null;
  readonly state: CampaignState;
  readonly waitingFor: {
    readonly reason: string;
    readonly until: string | null;
    readonly message?: string | undefined;
  } | null;
  readonly progress: Progress;
  readonly report: Report | null;
};

/** A list that is not stored: it has an id for the plan alone. */
export type HeldList = PeopleLines & { readonly id: ListId; readonly invalid: number };

/** Batches that only a person can settle, sending again, and who did what. */
export type ReviewDesk = {
  open(
    account: string,
    page: { after?: string | undefined; limit: number },
  ): Promise<{ items: readonly ReviewSheet[]; next: string | undefined }>;
  /** Throws NOT_FOUND. */
  look(id: string, number: number): Promise<ReviewSheet>;
  /** Throws NOT_FOUND, ILLEGAL_MOVE, MSG_ID_OWNED, INVALID_PARAMETER, and what sending again does. */
  settle(
    id: string,
    number: number,
    wish: { verdict: Verdict; by: Signature; msgId?: string | undefined; sendAgain?: boolean | undefined },
  ): Promise<ReviewSheet & { again?: Again }>;
  /** What sending again would do. Throws NOT_FOUND, ILLEGAL_MOVE. */
  planAgain(id: string, wish: { partly?: boolean | undefined }): Promise<AgainPlan>;
  /** Throws NOT_FOUND, ILLEGAL_MOVE, NOTHING_LEFT, BAD_CAMPAIGN, ID_RETIRING, AUDIENCE_LOST, TOO_SLOW. */
  sendAgain(id: string, wish: { partly?: boolean | undefined }, by: Signature): Promise<Again>;
  readonly audit: Pick<Audits, "list">;
};

/** What the commands about campaigns need of the ledger; `compose-cli.ts` hands it over. */
export type CampaignDesk = {
  readonly campaigns: {
    readonly accounts: ReadonlyMap<string, Pick<Account, "id" | "kind">>;
    find(id: string): Promise<Campaign | undefined>;
    list: Lookup["list"];
    batchesOf(campaign: Campaign): Promise<Batch[]>;
    view(campaign: Campaign, batches: readonly Batch[]): CampaignView;
    viewBatch(batch: Batch, campaign: Campaign): object;
    recipients(campaign: Campaign): AsyncIterable<readonly Recipient[]>;
    /** Throws BAD_CAMPAIGN; nothing is written. `held` may be the list that the body names. */
    plan(body: unknown, held?: HeldList): Promise<DryRun>;
    /** Throws BAD_CAMPAIGN, ID_REUSED, ID_RETIRING. */
    takeIn(id: CampaignId, body: unknown): Promise<{ campaign: Campaign; isNew: boolean }>;
    /** Throws NOT_FOUND, ILLEGAL_MOVE. */
    move(id: string, move: Move, by: Signature): Promise<{ id: string; state: CampaignState }>;
    moveAccount(
      account: string,
      move: "pause" | "resume",
      by: Signature,
    ): Promise<{ account: string; state: string }>;
    readonly reviews: ReviewDesk;
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
