import { z } from "zod";
import type { Trouble } from "../campaign/batch.ts";
import { Campaign, CampaignState } from "../campaign/campaign.ts";
import type { CampaignId } from "../campaign/campaign-id.ts";
import type { Prepared } from "../campaign/prepared.ts";
import type { Report } from "../campaign/report.ts";
import { Failure } from "../failure.ts";
import { type Attempt, BROUGHT, type Brought } from "./attempt.ts";
import { pack, unpack } from "./fields.ts";
import type { Keys } from "./keys.ts";
import { type Mark, marksIn } from "./page.ts";
import { createScript, type RedisClient } from "./script.ts";

const TEXTS = new Set([
  "id",
  "account",
  "name",
  "state",
  "digest",
  "reason",
  "overCap",
  "hold",
  "month",
  "list",
  "content",
  "dataId",
  "againOf",
  "notifyUrl",
  "attempt",
]);

export type NewCampaign = Omit<
  Campaign,
  "version" | "attempt" | "state" | "planned" | "enqueued" | "sendableAt" | "revision" | "notification"
>;

type Address = Pick<Campaign, "account" | "id">;

/** The ledger's campaigns. All times are milliseconds since the epoch. */
export function createCampaigns(redis: RedisClient, keys: Keys) {
  const claimScript = createScript(redis, "claim-id", z.string());
  const createRecord = createScript(redis, "create-campaign", z.enum(["created", "exists", "lost"]));
  const startScript = createScript(
    redis,
    "start-sending",
    z.union([CampaignState, z.enum(["gone", "incomplete"])]),
  );
  const noteMonthScript = createScript(
    redis,
    "note-month",
    z.tuple([z.enum(["noted", "stopped"]), z.string(), z.number()]),
  );
  const comeDueScript = createScript(redis, "come-due", z.union([CampaignState, z.literal("gone")]));
  const liftHoldScript = createScript(redis, "lift-hold", z.enum(["lifted", "passed", "held"]));
  const noteEnqueuedScript = createScript(redis, "note-enqueued", z.enum(["noted", "gone"]));
  const notePreparedScript = createScript(redis, "note-prepared", z.enum(["noted", "gone"]));
  const refuseCampaignScript = createScript(
    redis,
    "refuse-campaign",
    z.union([CampaignState, z.literal("gone")]),
  );
  const settleScript = createScript(redis, "settle", z.enum(["settled", "corrected", "same", "changed"]));

  const read = async (account: string, id: CampaignId): Promise<Campaign | undefined> => {
    return campaignIn(await redis.hgetall(keys.campaign(account, id)));
  };

  return {
    /** The campaign of an address that is known to have one. */
    async get({ account, id }: Address): Promise<Campaign> {
      const campaign = await read(account, id);
      if (!campaign) throw new Failure("NOT_FOUND", "There is no such campaign.");
      return campaign;
    },

    async find(id: string): Promise<Campaign | undefined> {
      const account = await redis.get(keys.campaignAccount(id as CampaignId));
      return account === null ? undefined : read(account, id as CampaignId);
    },

    /** The campaign of an address that may be past its retention by now. */
    findAt: ({ account, id }: Address): Promise<Campaign | undefined> => read(account, id),

    /**
     * Claims the id for as long as the campaign is kept; answers the account that has it, or undefined while
     * what had it before is being removed.
     */
    async claim(id: CampaignId, account: string, createdAt: number): Promise<string | undefined> {
      const owner = await claimScript(
        [keys.campaignAccount(id), keys.campaignIndex, keys.retiring],
        [id, account, createdAt],
      );
      return owner === "" ? undefined : owner;
    },

    /**
     * Creates the record, with what the attempt has put away for it. One that starts later is scheduled till then.
     * "lost": that was gone before.
     */
    async create(
      campaign: NewCampaign,
      attempt: Attempt,
      brought: readonly Brought[],
    ): Promise<"created" | "exists" | "lost"> {
      const { account, id } = campaign;
      const moves = brought.flatMap((what) => [keys[what](account, attempt.id), keys[what](account, id)]);
      const record = {
        ...campaign,
        attempt: attempt.id,
        state: (campaign.startAt ?? 0) > campaign.createdAt ? "scheduled" : "preparing",
        version: 1,
        planned: 0,
        enqueued: false,
        sendableAt: 0,
      };
      return createRecord(
        [keys.campaign(account, id), keys.openCampaigns(account), ...moves],
        [id, campaign.createdAt, JSON.stringify(pack(record)), attempt.id],
      );
    },

    /** Lets go what an attempt has put away that became no campaign; should Redis be away, it goes by itself. */
    async drop({ account, id }: Attempt): Promise<void> {
      await redis.unlink(BROUGHT.map((what) => keys[what](account, id))).catch(() => {});
    },

    /** When the id was claimed, milliseconds; undefined of one that is not. */
    async claimedAt(id: CampaignId): Promise<number | undefined> {
      const at = await redis.zscore(keys.campaignIndex, id);
      return at === null ? undefined : Number(at);
    },

    /** Ends the wait for its start, if that has come and it is not paused; answers its state. */
    comeDue: (campaign: Campaign, now: number) =>
      comeDueScript([keys.campaign(campaign.account, campaign.id)], [now]),

    /** Lets the others go once the first batch has succeeded; "held" as long as it has not. */
    liftHold: ({ account, id, firstBatch = 1 }: Campaign) =>
      liftHoldScript([keys.campaign(account, id), keys.batch(account, id, firstBatch)], []),

    /** "incomplete" when Redis has lost one of its batches. */
    startSending: (
      campaign: Campaign,
      plan: Pick<Campaign, "planned" | "audience" | "sendableAt" | "reason">,
    ) =>
      startScript(
        [keys.campaign(campaign.account, campaign.id), keys.openBatches(campaign.account, campaign.id)],
        [plan.planned, JSON.stringify(plan.audience), plan.sendableAt, plan.reason ?? ""],
      ),

    /** The month of a campaign's plan and the account's shards in it, noted once; undefined when it is no longer preparing. */
    async noteMonth({ account, id }: Address, given: { month: string; shards: number }) {
      const [word, month, shards] = await noteMonthScript(
        [keys.campaign(account, id)],
        [given.month, given.shards],
      );
      return word === "noted" ? { month, shards } : undefined;
    },

    /** Notes what its content has become, and of media that WeChat does not know any more that it is `spent`. */
    notePrepared: (
      { account, id }: Address,
      { prepared, spent }: { prepared?: Prepared | undefined; spent?: string | undefined },
    ) =>
      notePreparedScript(
        [keys.campaign(account, id)],
        [prepared ? JSON.stringify(prepared) : "", spent ?? ""],
      ),

    /** Ends one that can't be sent, before it is planned; answers its state. */
    refuse: ({ account, id }: Address, reason: "CONTENT_REFUSED" | "AUDIENCE_REFUSED", trouble: Trouble) =>
      refuseCampaignScript([keys.campaign(account, id)], [reason, JSON.stringify(trouble)]),

    /** Notes that every batch has its job. */
    noteEnqueued: (campaign: Campaign) =>
      noteEnqueuedScript([keys.campaign(campaign.account, campaign.id)], []),

    /**
     * `closedAt`: when it ended first; `now` is later for a correction. Of all who write one and the same end or
     * correction, one alone is answered "settled" or "corrected"; its owner is to be told of either.
     */
    settle: ({ account, id, version }: Campaign, report: Report, closedAt: number, now = closedAt) =>
      settleScript(
        [
          ...[keys.campaign(account, id), keys.openCampaigns(account), keys.ended(account)],
          ...[keys.messages(account, id), keys.dueMessages(account)],
        ],
        [id, version, report.state, closedAt, JSON.stringify(report), now, report.batches.needsReview],
      ),

    /** The state alone; undefined where there is no such campaign. */
    async state({ account, id }: Address): Promise<CampaignState | undefined> {
      return CampaignState.optional().parse(
        (await redis.hget(keys.campaign(account, id), "state")) ?? undefined,
      );
    },

    async version({ account, id }: Address): Promise<number> {
      return Number(await redis.hget(keys.campaign(account, id), "version"));
    },

    /** Ids of the campaigns of an account that have not ended, oldest first. */
    async open(account: string): Promise<CampaignId[]> {
      return (await redis.zrange(keys.openCampaigns(account), "0", "-1")) as CampaignId[];
    },

    /**
     * All campaigns created at `until` or before, newest first: by when their id was claimed, which a crash
     * may put before the record.
     */
    async newest(until: number | undefined, offset: number, count: number): Promise<Mark[]> {
      const index = keys.campaignIndex;
      const rows = await redis.zrevrangebyscore(
        index,
        until ?? "+inf",
        "-inf",
        "WITHSCORES",
        "LIMIT",
        offset,
        count,
      );
      return marksIn(rows);
    },
  };
}

/** A campaign's record, undefined where there is none. */
export function campaignIn(hash: Readonly<Record<string, string>>): Campaign | undefined {
  return Object.keys(hash).length === 0 ? undefined : Campaign.parse(unpack(hash, TEXTS));
}

export type Campaigns = ReturnType<typeof createCampaigns>;
