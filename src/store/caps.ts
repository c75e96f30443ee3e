import { z } from "zod";
import { capsKeptUntil, dayOf, nextDay } from "../campaign/calendar.ts";
import { CAP_MAX, type CapShard, fingerprintOf, lower, packCap, raise, unpackCap } from "../campaign/cap.ts";
import type { OpenId } from "../campaign/openid.ts";
import { DEFAULT_SHARDS, shardOf } from "../campaign/shard.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** The cap of one account in one Shanghai month such as `2026-12`. */
export type CapMonth = { readonly account: string; readonly month: string };

/** A shard as it was read, to be written back only if nobody has meanwhile. */
export type ReadShard = {
  /** Messages to everybody this month, to be added to each count. */
  readonly base: number;
  readonly version: number;
  readonly people: CapShard;
};

/** Users by how many messages of this month they have had or are reserved; 4 stands for four or more. */
export type CapHistogram = Record<"1" | "2" | "3" | "4", number>;

const Meta = z.object({
  shards: z.coerce.number().int().positive().default(DEFAULT_SHARDS),
  base: z.coerce.number().int().nonnegative().default(0),
  followers: z.union([z.literal("unknown"), z.coerce.number().int().nonnegative()]).optional(),
});

/**
 * The monthly cap: counters by hash shard, packed (`campaign/cap.ts`). A shard is read, changed here and
 * written by one script if its version is still the same (MECHANICS section 3); `changes` makes each
 * change happen once, whoever tries it how often.
 */
export function createCaps(redis: RedisClient, keys: Keys) {
  const openScript = createScript(redis, "open-month", z.number().int().positive());
  const giveBackToAllScript = createScript(redis, "give-back-to-all", z.enum(["given", "done"]));
  const bookAllScript = createScript(redis, "book-all", z.enum(["changed", "done"]));
  const changeScript = createScript(redis, "change-shard", z.enum(["changed", "done", "conflict"]));

  /** `followers` is undefined until WeChat was asked; `shards` may still be set by the first who needs them. */
  async function month({ account, month }: CapMonth) {
    return Meta.parse(await redis.hgetall(keys.caps(account, month)));
  }

  async function read({ account, month }: CapMonth, shard: number): Promise<ReadShard> {
    const [base, [version, packed]] = await Promise.all([
      redis.hget(keys.caps(account, month), "base"),
      redis.hmgetBuffer(keys.capShard(account, month, shard), "version", "people"),
    ]);
    return {
      base: Number(base ?? 0),
      version: Number(version ?? 0),
      people: packed ? unpackCap(packed) : new Map(),
    };
  }

  /** Changes one shard, once for each `mark` in the hash `marks`. */
  async function changeShard(
    of: CapMonth & { shard: number; marks: string; mark: string },
    change: (people: CapShard) => void,
  ): Promise<"changed" | "done"> {
    for (;;) {
      const { version, people } = await read(of, of.shard);
      change(people);
      const word = await changeScript(
        [of.marks, keys.capShard(of.account, of.month, of.shard)],
        [of.mark, version, packCap(people), capsKeptUntil(of.month)],
      );
      if (word !== "conflict") return word;
    }
  }

  return {
    month,
    read,

    /** Fixes the number of shards of a month, and of followers if WeChat was asked, once; answers the shards it has. */
    open: ({ account, month }: CapMonth, first: { shards: number; followers?: number | "unknown" }) =>
      openScript([keys.caps(account, month)], [first.shards, first.followers ?? "", capsKeptUntil(month)]),

    /** Counts one message more for everybody, sent at this moment, once for each `mark` in the hash `marks`. */
    bookAll: (
      { account, month }: CapMonth,
      { marks, mark, sentAt }: { marks: string; mark: string; sentAt: number },
    ) =>
      bookAllScript(
        [marks, keys.caps(account, month), keys.quota(account, dayOf(sentAt))],
        [mark, capsKeptUntil(month), marks, nextDay(sentAt)],
      ),

    /** Takes a message to everybody back that the record of a batch, this key, says it holds; once. */
    giveBackToAll: ({ account, month }: CapMonth, batch: string) =>
      giveBackToAllScript([batch, keys.caps(account, month)], [month]),

    /** Takes one message back from each of these people of a shard. */
    giveBack: (of: CapMonth & { shard: number; marks: string; mark: string }, people: readonly OpenId[]) =>
      changeShard(of, (counts) => lower(counts, people)),

    /** Counts one message more for each of these people of a shard, whatever the limit. */
    book: (of: CapMonth & { shard: number; marks: string; mark: string }, people: readonly OpenId[]) =>
      changeShard(of, (counts) => raise(counts, people)),

    /** How many messages this person has had this month, reservations and sends to everybody included. */
    async used(of: CapMonth, openid: OpenId): Promise<number> {
      const { shards } = await month(of);
      const { base, people } = await read(of, shardOf(openid, shards));
      return base + (people.get(fingerprintOf(openid)) ?? 0);
    },

    /**
     * Users by their number of messages. Those without a number of their own stand at the base, as far as
     * WeChat has told how many followers there are; `followers` is null until then.
     */
    async histogram(of: CapMonth): Promise<{ users: CapHistogram; base: number; followers: number | null }> {
      const { shards, base, followers: told } = await month(of);
      const followers = typeof told === "number" ? told : null;
      const users: CapHistogram = { 1: 0, 2: 0, 3: 0, 4: 0 };
      const add = (count: number, people: number) => {
        if (count > 0 && people > 0) users[bucketOf(count)] += people;
      };
      let known = 0;
      for (let shard = 0; shard < shards; shard++) {
        const { people } = await read(of, shard);
        known += people.size;
        for (const count of people.values()) add(base + count, 1);
      }
      add(base, (followers ?? 0) - known);
      return { users, base, followers };
    },
  };
}

export type Caps = ReturnType<typeof createCaps>;

function bucketOf(count: number): keyof CapHistogram {
  return String(Math.min(count, CAP_MAX)) as keyof CapHistogram;
}
