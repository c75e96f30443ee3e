import { z } from "zod";
import { Batch, type BatchId, type ClosedBy, type Trouble } from "../campaign/batch.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { ArticleUrl } from "../campaign/originality.ts";
import { pack, unpack } from "./fields.ts";
import { type BatchAddress, idOf, type Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";
import { UNCLAIMED_KEEP_MS } from "./unclaimed.ts";

const TEXTS = new Set([
  "campaign",
  "clientmsgid",
  "state",
  "msgId",
  "msgDataId",
  "closedBy",
  "month",
  "toAllMonth",
  "mediaId",
  "check",
]);

export type NewBatch = Pick<
  Batch,
  "campaign" | "number" | "size" | "month" | "from" | "to" | "clientmsgid"
> & {
  /** No call is made before, in milliseconds. */
  readonly notBefore?: number;
};

/** A result of WeChat's for one msg_id, from a callback, a poll, or given up waiting for. */
export type Result = {
  readonly state: "succeeded" | "failed" | "needs_review";
  readonly by: Extract<ClosedBy, "callback" | "poll" | "give-up">;
  readonly total?: number | undefined;
  readonly counts?: Batch["counts"];
  readonly trouble?: Trouble | undefined;
  readonly originality?: Batch["originality"];
  readonly articleUrls?: readonly ArticleUrl[] | undefined;
  /** An audit refusal: what is left of the campaign waits for a person. */
  readonly stops: boolean;
};

/** How a batch ends for which no further call will be made; what is in doubt goes to a person instead. */
export type End = {
  readonly state: "failed" | "canceled";
  readonly by: Extract<ClosedBy, "campaign" | "account" | "lost" | "cancel" | "deadline" | "month">;
  readonly trouble: Trouble;
  readonly leaseMs: number;
  readonly now: number;
};

/** What a status poll must keep to; `allCalls` is the day's budget of an account that has one. */
export type PollLimits = {
  readonly minuteCalls: number;
  readonly allCalls?: number | undefined;
  readonly day: string;
  readonly dayEndsAt: number;
};

/** The ledger's batches outside a call: added, read, followed, ended. Calls are `store/calls`. */
export function createBatches(redis: RedisClient, keys: Keys) {
  const addScript = createScript(redis, "add-batch", z.enum(["added", "exists", "stopped"]));
  const dropScript = createScript(redis, "drop", z.tuple([z.string(), z.string()]));
  const closeScript = createScript(redis, "close-batch", z.string());
  const keepScript = createScript(
    redis,
    "keep-result",
    z.tuple([z.enum(["owned", "kept", "repeat"]), z.string()]),
  );
  const noteWaitScript = createScript(redis, "note-wait", z.enum(["noted", "moved"]));
  const marksScript = createScript(redis, "marks", z.tuple([z.string(), z.number()]));
  const notePollScript = createScript(redis, "note-poll", z.tuple([z.enum(["go", "wait"]), z.number()]));

  const batchKey = ({ account, campaign, number }: BatchAddress) => keys.batch(account, campaign, number);

  return {
    async find(address: BatchAddress): Promise<Batch | undefined> {
      return batchIn(await redis.hgetall(batchKey(address)));
    },

    /** All batches of a campaign, by number. */
    async of(campaign: Pick<Campaign, "account" | "id" | "planned">): Promise<Batch[]> {
      const numbers = Array.from({ length: campaign.planned }, (_, index) => index + 1);
      const hashes = await Promise.all(
        numbers.map((number) => redis.hgetall(keys.batch(campaign.account, campaign.id, number))),
      );
      return hashes.map(batchIn).filter((batch) => batch !== undefined);
    },

    /** Numbers of the batches of a campaign that are not closed. */
    async open(campaign: Pick<Campaign, "account" | "id">): Promise<number[]> {
      const numbers = await redis.smembers(keys.openBatches(campaign.account, campaign.id));
      return numbers.map(Number).sort((a, b) => a - b);
    },

    /** The batch of an account that has been in doubt for longest. */
    async eldestInDoubt(account: string): Promise<string | undefined> {
      const [eldest] = await redis.zrange(keys.doubt(account), "0", "0");
      return eldest;
    },

    async add(account: string, { notBefore = 0, ...batch }: NewBatch) {
      const record = {
        ...batch,
        notBefore,
        state: "planned",
        version: 1,
        epoch: 0,
        calls: 0,
        resends: 0,
        misses: 0,
        polls: 0,
      };
      return addScript(
        [
          keys.campaign(account, batch.campaign),
          keys.batch(account, batch.campaign, batch.number),
          keys.openBatches(account, batch.campaign),
        ],
        [batch.number, JSON.stringify(pack(record))],
      );
    },

    /**
     * Ends a batch without a further call; one in doubt goes to a person. Answers its state, and the batch
     * that got the turn by it or "".
     */
    async drop(address: BatchAddress, end: End) {
      const [state, next] = await dropScript(
        [
          keys.campaign(address.account, address.campaign),
          batchKey(address),
          keys.doubt(address.account),
          keys.openBatches(address.account, address.campaign),
          keys.turn(address.account),
          keys.turnQueue(address.account),
          keys.review(address.account),
        ],
        [end.now, idOf(address), end.state, end.by, JSON.stringify(end.trouble), end.leaseMs],
      );
      return { state, next };
    },

    close: (address: BatchAddress, result: Result, now: number) =>
      closeScript(
        [
          keys.campaign(address.account, address.campaign),
          batchKey(address),
          keys.openBatches(address.account, address.campaign),
          keys.review(address.account),
          keys.openCampaigns(address.account),
        ],
        [now, idOf(address), encodeResult(result)],
      ),

    /** The batch that owns a msg_id; else the result is kept for it, for `UNCLAIMED_KEEP_MS`. */
    async deliver(account: string, msgId: string, result: Result, now: number) {
      const [word, owner] = await keepScript(
        [keys.messageOwner(account, msgId), keys.inbox(account, msgId), keys.unclaimed(account)],
        [encodeResult(result), UNCLAIMED_KEEP_MS, msgId, now],
      );
      return word === "owned" ? { word, owner: owner as BatchId } : { word };
    },

    /**
     * Notes what a batch waits for, for those who look; undefined when that has no name. `of`: what it is while it
     * waits for that.
     */
    noteWait: (address: BatchAddress, wait: Batch["wait"], of: "unsent" | "accepted" = "unsent") =>
      noteWaitScript([batchKey(address)], [wait ? JSON.stringify(wait) : "", of]),

    /** Takes a place in the minute, and of the day's calls, for a poll; `until` when they are full. */
    async notePoll(address: BatchAddress, { day, ...limits }: PollLimits, now: number) {
      const [word, until] = await notePollScript(
        [batchKey(address), keys.minute(address.account), keys.quota(address.account, day)],
        [now, idOf(address), JSON.stringify(limits)],
      );
      return { word, until };
    },

    /**
     * What a batch job must compare with what it saw (`store/look`) before it may sleep (MECHANICS section
     * 1, P3).
     */
    async marks(address: BatchAddress): Promise<{ marks: string; hasTurn: boolean }> {
      const [marks, turn] = await marksScript(
        [
          keys.account(address.account),
          keys.campaign(address.account, address.campaign),
          batchKey(address),
          keys.turn(address.account),
        ],
        [idOf(address)],
      );
      return { marks, hasTurn: turn === 1 };
    },
  };
}

export type Batches = ReturnType<typeof createBatches>;

/** A batch's record, undefined where there is none. */
export function batchIn(hash: Readonly<Record<string, string>>): Batch | undefined {
  return Object.keys(hash).length === 0 ? undefined : Batch.parse(unpack(hash, TEXTS));
}

/** What a batch's record holds as JSON stays JSON inside, so that Lua stores it as it gets it. */
function encodeResult({ counts, trouble, originality, articleUrls, ...result }: Result): string {
  const fields = Object.entries({ counts, trouble, originality, articleUrls });
  const texts = fields.map(([name, value]) => [name, value && JSON.stringify(value)]);
  return JSON.stringify({ ...result, ...Object.fromEntries(texts) });
}
