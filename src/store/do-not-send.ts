import { z } from "zod";
import { fingerprintOf } from "../campaign/cap.ts";
import type { PeopleLines } from "../campaign/exclusion.ts";
import type { OpenId } from "../campaign/openid.ts";
import { byShard, shardOf } from "../campaign/shard.ts";
import { Failure } from "../failure.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** Fixed for good: about 1,000 people in each when a million are on the list, so that no script is long. */
export const DO_NOT_SEND_SHARDS = 1_024;

/** Shards asked for at once, each by a command of its own: while a slot moves, one that names several is refused. */
const AT_ONCE = 64;

/** A place on the list that names nobody: the number of a shard, and in it a fingerprint. */
const Cursor = z.string().regex(/^\d{1,4}\.[0-9a-z]{1,11}$/);

/**
 * To whom an account sends nothing, until they are taken off again: their OpenIDs by hash shard, 29 bytes each, so
 * that an operator can see and take away who is on it.
 */
export function createDoNotSend(redis: RedisClient, keys: Keys) {
  const addScript = createScript(redis, "add-do-not-send", z.number().int().nonnegative());
  const dropScript = createScript(redis, "drop-do-not-send", z.enum(["dropped", "absent"]));

  const countsOf = (account: string) => keys.doNotSendCounts(account);

  async function total(account: string): Promise<number> {
    return Number((await redis.hget(countsOf(account), "people")) ?? 0);
  }

  /** The shards from one on that have anybody, in their order. */
  async function* shardsFrom(account: string, start: number) {
    for (let first = start; first < DO_NOT_SEND_SHARDS; first += AT_ONCE) {
      const numbers = Array.from(
        { length: Math.min(AT_ONCE, DO_NOT_SEND_SHARDS - first) },
        (_, at) => first + at,
      );
      const texts = await Promise.all(
        numbers.map((shard) => redis.getBuffer(keys.doNotSend(account, shard))),
      );
      for (const [at, text] of texts.entries())
        if (text && text.length > 0) yield { shard: first + at, text: text.subarray(0, -1) };
    }
  }

  return {
    total,

    /** Puts people on the list; answers how many were not on it before. */
    async add(account: string, people: Iterable<OpenId>): Promise<number> {
      const groups = [...byShard(people, DO_NOT_SEND_SHARDS)];
      let added = 0;
      for (let start = 0; start < groups.length; start += AT_ONCE) {
        const some = groups.slice(start, start + AT_ONCE).map(([shard, openids]) => {
          const lines = `${openids.join("\n")}\n`;
          return addScript([keys.doNotSend(account, shard), countsOf(account)], [lines]);
        });
        added += (await Promise.all(some)).reduce((sum, count) => sum + count, 0);
      }
      return added;
    },

    /** Takes somebody off the list; false if they were not on it. */
    async drop(account: string, openid: OpenId): Promise<boolean> {
      const shard = shardOf(openid, DO_NOT_SEND_SHARDS);
      return (await dropScript([keys.doNotSend(account, shard), countsOf(account)], [openid])) === "dropped";
    },

    async has(account: string, openid: OpenId): Promise<boolean> {
      const text = await redis.get(keys.doNotSend(account, shardOf(openid, DO_NOT_SEND_SHARDS)));
      return `\n${text ?? ""}`.includes(`\n${openid}\n`);
    },

    /**
     * People on the list, in an order of its own. A page stays what it is while others come and go; the cursor
     * names nobody.
     *
     * @throws Failure INVALID_PARAMETER for a cursor that this did not give out
     */
    async list(
      account: string,
      { cursor, limit }: { cursor?: string | undefined; limit: number },
    ): Promise<{ items: OpenId[]; nextCursor: string | null }> {
      const after = placeIn(cursor);
      const found: { openid: OpenId; place: string }[] = [];
      for await (const { shard, text } of shardsFrom(account, after.shard)) {
        for (const { openid, fingerprint } of inOrder(text))
          if (shard > after.shard || fingerprint > after.fingerprint)
            found.push({ openid, place: `${shard}.${fingerprint.toString(36)}` });
        if (found.length > limit) break;
      }
      const items = found.slice(0, limit);
      const nextCursor = found.length > limit ? (items.at(-1)?.place ?? null) : null;
      return { items: items.map(({ openid }) => openid), nextCursor };
    },

    /** All of them, to be left out of a plan. */
    async all(account: string): Promise<PeopleLines> {
      async function* lines() {
        for await (const { text } of shardsFrom(account, 0)) yield text;
      }
      return { received: await total(account), lines };
    },
  };
}

export type DoNotSend = ReturnType<typeof createDoNotSend>;

function inOrder(text: Buffer): { openid: OpenId; fingerprint: number }[] {
  const people = text.toString("latin1").split("\n") as OpenId[];
  return people
    .map((openid) => ({ openid, fingerprint: fingerprintOf(openid) }))
    .sort((one, other) => one.fingerprint - other.fingerprint);
}

function placeIn(cursor: string | undefined): { shard: number; fingerprint: number } {
  if (cursor === undefined) return { shard: 0, fingerprint: -1 };
  const parsed = Cursor.safeParse(cursor);
  if (!parsed.success)
    throw new Failure("INVALID_PARAMETER", "cursor: expected the nextCursor of an earlier page", {
      details: { errors: [{ path: "cursor", message: "expected the nextCursor of an earlier page" }] },
    });
  const [shard = "", fingerprint = ""] = parsed.data.split(".");
  return { shard: Number(shard), fingerprint: Number.parseInt(fingerprint, 36) };
}
