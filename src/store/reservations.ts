import { z } from "zod";
import type { Batch } from "../campaign/batch.ts";
import { capsKeptUntil } from "../campaign/calendar.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { packCap } from "../campaign/cap.ts";
import type { OpenId } from "../campaign/openid.ts";
import { packLines, unpackLines } from "./blob.ts";
import type { Caps, ReadShard } from "./caps.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

type Address = Pick<Campaign, "account" | "id">;

/** People of one hash shard in one month. */
type Group = { readonly month: string; readonly shard: number; readonly people: readonly OpenId[] };

/** What is left of a batch in a later month, and who is not in it any more. */
export type Readmitted = {
  readonly month: string;
  readonly members: readonly OpenId[];
  readonly clientmsgid: string;
  readonly capped: number;
  readonly excluded: number;
  /** No call before this, milliseconds. */
  readonly notBefore: number;
};

/** What is left of a batch whose members were looked up. */
export type Checked = Pick<Readmitted, "members" | "clientmsgid" | "excluded" | "notBefore">;

/**
 * What campaigns have reserved of the monthly cap: given back, or taken again in a later month. Every
 * change is remembered in the campaign's plan, so that it happens once.
 */
export function createReservations(redis: RedisClient, keys: Keys, caps: Caps) {
  const readmitShardScript = createScript(
    redis,
    "readmit-shard",
    z.enum(["stored", "done", "conflict", "elsewhere", "moved"]),
  );
  const readmitBatchScript = createScript(
    redis,
    "readmit-batch",
    z.enum(["readmitted", "canceled", "moved"]),
  );
  const checkBatchScript = createScript(redis, "check-batch", z.enum(["checked", "canceled", "moved"]));
  const noteMarkScript = createScript(redis, "note-mark", z.enum(["noted", "gone"]));
  const planOf = ({ account, id }: Address) => keys.plan(account, id);
  const readmissionOf = ({ account, id }: Address, number: number) => keys.readmission(account, id, number);

  /** Gives a group back, once for each `mark` of the campaign. */
  function giveBack(campaign: Address, mark: string, { month, shard, people }: Group) {
    return caps.giveBack({ account: campaign.account, month, shard, marks: planOf(campaign), mark }, people);
  }

  /** Who has been admitted again so far, in a readmission that is not finished. */
  async function readmission(campaign: Address, number: number): Promise<Group[]> {
    const hash = await redis.hgetallBuffer(readmissionOf(campaign, number));
    const shards = Object.entries(hash).filter(([field]) => field.startsWith("shard:"));
    return Promise.all(
      shards.map(async ([field, blob]) => ({
        month: String(hash.month),
        shard: Number(field.slice("shard:".length)),
        people: (await unpackLines(blob)) as OpenId[],
      })),
    );
  }

  /** Gives back a group of a readmission, once: all of its shard. */
  const giveBackReadmitted = (campaign: Address, number: number, group: Group) =>
    giveBack(campaign, `readmission:${number}:${group.month}:${group.shard}`, group);

  return {
    giveBack,

    /** Counts a message more for each of a group, once for each `mark` of the campaign. */
    book: (campaign: Address, mark: string, { month, shard, people }: Group) =>
      caps.book({ account: campaign.account, month, shard, marks: planOf(campaign), mark }, people),

    /** Takes back what a batch holds of the messages to everybody. */
    giveBackToAll: (
      { account, id }: Address,
      { number, toAllMonth: month }: Pick<Batch, "number" | "toAllMonth">,
    ) =>
      month === undefined ? "done" : caps.giveBackToAll({ account, month }, keys.batch(account, id, number)),

    /** Which of these marks a campaign has, in their order. */
    async has(campaign: Address, marks: readonly string[]): Promise<boolean[]> {
      if (marks.length === 0) return [];
      return (await redis.hmget(planOf(campaign), ...marks)).map((mark) => mark !== null);
    },

    /** Remembers that all of something has been given back. */
    async mark(campaign: Address, mark: string): Promise<void> {
      await noteMarkScript([keys.campaign(campaign.account, campaign.id), planOf(campaign)], [mark]);
    },

    /** Admits one shard of a batch again, in a later month. */
    async readmitShard(
      campaign: Address,
      batch: Pick<Batch, "number" | "month">,
      { month, shard, people }: Group,
      read: ReadShard,
    ) {
      const { account, id } = campaign;
      return readmitShardScript(
        [
          keys.batch(account, id, batch.number),
          readmissionOf(campaign, batch.number),
          keys.caps(account, month),
          keys.capShard(account, month, shard),
        ],
        [
          ...[shard, batch.month, month, read.version, read.base],
          ...[packCap(read.people), capsKeptUntil(month), await packLines(people)],
        ],
      );
    },

    readmission,

    giveBackReadmitted,

    /** Gives back all of a readmission that was begun and will not be finished, and forgets it. */
    async undoReadmission(campaign: Address, number: number): Promise<void> {
      for (const group of await readmission(campaign, number))
        await giveBackReadmitted(campaign, number, group);
      await redis.del(readmissionOf(campaign, number));
    },

    /** Notes who leaves a batch, once: answers whom the first note named. */
    async noteLeft(campaign: Address, number: number, people: readonly OpenId[]): Promise<OpenId[]> {
      const field = `left:${number}`;
      await redis.hsetnx(planOf(campaign), field, await packLines(people));
      const noted = await redis.hgetBuffer(planOf(campaign), field);
      return noted === null ? [] : ((await unpackLines(noted)) as OpenId[]);
    },

    /** Ends the check of a batch: without those who leave it goes once more. */
    async checkBatch(
      campaign: Address,
      { number }: Pick<Batch, "number">,
      { members, clientmsgid, excluded, notBefore }: Checked,
      now: number,
    ) {
      const { account, id } = campaign;
      return checkBatchScript(
        [
          keys.campaign(account, id),
          keys.batch(account, id, number),
          planOf(campaign),
          keys.openBatches(account, id),
        ],
        [now, number, members.length, clientmsgid, await packLines(members), excluded, notBefore],
      );
    },

    /** Ends a readmission: the batch is now one of the later month. */
    async readmitBatch(
      campaign: Address,
      batch: Pick<Batch, "number" | "month">,
      { month, members, clientmsgid, capped, excluded, notBefore }: Readmitted,
      now: number,
    ) {
      const { account, id } = campaign;
      return readmitBatchScript(
        [
          keys.campaign(account, id),
          keys.batch(account, id, batch.number),
          planOf(campaign),
          readmissionOf(campaign, batch.number),
          keys.openBatches(account, id),
        ],
        [
          ...[now, batch.number, batch.month, month, excluded > 0 ? 0 : members.length],
          ...[clientmsgid, await packLines(members), capped, excluded, notBefore],
        ],
      );
    },
  };
}

export type Reservations = ReturnType<typeof createReservations>;
