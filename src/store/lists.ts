import { z } from "zod";
import type { CampaignId } from "../campaign/campaign-id.ts";
import { type ListId, newListId, StoredList } from "../campaign/list.ts";
import { Failure } from "../failure.ts";
import { unpack as unpackChunk } from "./blob.ts";
import { pack, unpack } from "./fields.ts";
import { createKeepFields, RestedTooLong } from "./keep-fields.ts";
import type { Keys } from "./keys.ts";
import { createListWriter } from "./list-writer.ts";
import { type Mark, marksIn, readPage } from "./page.ts";
import { createScript, type RedisClient } from "./script.ts";

const TEXTS = new Set(["id", "name", "sha256", "state", "account"]);

/** How long the chunks of a list are left that nobody goes on with. */
const UNFINISHED_MS = 3_600_000;

/** Lists of OpenIDs at rest that any number of campaigns may name. Times are milliseconds since the epoch. */
export function createLists(redis: RedisClient, keys: Keys) {
  const keeping = createKeepFields(redis, UNFINISHED_MS);
  const finishScript = createScript(redis, "finish-list", z.enum(["stored", "gone"]));
  const pinScript = createScript(redis, "pin-list", z.enum(["pinned", "gone"]));
  const unpinScript = createScript(redis, "unpin-list", z.enum(["unpinned", "done"]));
  const removeScript = createScript(redis, "remove-list", z.enum(["removed", "pinned", "used", "gone"]));

  async function find(id: ListId): Promise<StoredList | undefined> {
    const hash = await redis.hgetall(keys.storedList(id));
    return Object.keys(hash).length === 0 ? undefined : StoredList.parse(unpack(hash, TEXTS));
  }

  async function write(id: ListId, entries: AsyncIterable<readonly unknown[]>) {
    const writer = createListWriter(keeping(keys.storedPeople(id)));
    for await (const some of entries) await writer.add(some);
    return writer.finish();
  }

  return {
    find,

    /**
     * Stores a list while it comes. Whatever cuts it short, the entries' own failure or a crash, leaves nothing:
     * the chunks go at once, or by themselves.
     *
     * @throws Failure INVALID_PARAMETER for a list of nothing, TOO_SLOW for one that rested until it went, and whatever
     *   `entries` throws
     */
    async store(
      entries: AsyncIterable<readonly unknown[]>,
      { name, now }: { name?: string | undefined; now: number },
    ): Promise<StoredList> {
      const id = newListId();
      try {
        const written = await write(id, entries);
        if (written.received === 0)
          throw new Failure("INVALID_PARAMETER", "There is no entry in the list.", {
            details: { errors: [{ path: "", message: "expected at least one OpenID" }] },
          });
        const times = { createdAt: now, usedAt: now };
        const list: StoredList = { id, ...written, ...times, state: "ready", ...(name && { name }) };
        // First, so that no finished list is ever missing there; one without a record is none.
        await redis.zadd(keys.storedLists, now, id);
        const word = await finishScript(
          [keys.storedList(id), keys.storedPeople(id)],
          [JSON.stringify(pack(list))],
        );
        if (word === "gone") throw new RestedTooLong();
        return list;
      } catch (error) {
        // Should Redis be away, they go by themselves. The record is there when its answer came too late.
        for (const key of [keys.storedList(id), keys.storedPeople(id)])
          await redis.unlink(key).catch(() => {});
        await redis.zrem(keys.storedLists, id).catch(() => {});
        if (error instanceof RestedTooLong)
          throw new Failure("TOO_SLOW", "The list rested for too long and was dropped.");
        throw error;
      }
    },

    /** Lists, newest first. Throws INVALID_PARAMETER for a cursor that this did not give out. */
    list: (query: { cursor?: string | undefined; limit: number }) =>
      readPage(query, { of: "lists", newest: createdUntil, find }),

    /** The possible OpenIDs of a list, chunk by chunk, a line each. */
    async *read({ id, chunks }: Pick<StoredList, "id" | "chunks">): AsyncGenerator<Buffer> {
      for (let chunk = 0; chunk < chunks; chunk++) {
        const blob = await redis.hgetBuffer(keys.storedPeople(id), `${chunk}`);
        if (blob === null) throw new Failure("AUDIENCE_LOST", `Chunk ${chunk} of the list is gone.`);
        yield await unpackChunk(blob);
      }
    },

    /** Keeps a list for a campaign; the list, or undefined where there is none. */
    async pin(id: ListId, campaign: CampaignId, now: number): Promise<StoredList | undefined> {
      const word = await pinScript([keys.storedList(id), keys.storedPins(id)], [campaign, now]);
      return word === "pinned" ? find(id) : undefined;
    },

    unpin: (id: ListId, campaign: CampaignId, endedAt = 0) =>
      unpinScript([keys.storedList(id), keys.storedPins(id)], [campaign, endedAt]),

    /** Campaigns that named a list; those that have ended are among them until somebody looks. */
    pins: async (id: ListId) => (await redis.smembers(keys.storedPins(id))) as CampaignId[],

    /** Removes a list unless a campaign names it, or, with `until`, it was used later. */
    async remove(id: ListId, until?: number) {
      const word = await removeScript(
        [keys.storedList(id), keys.storedPeople(id), keys.storedPins(id)],
        [until ?? ""],
      );
      if (word === "removed" || word === "gone")
        for (const index of [keys.storedLists, keys.readings]) await redis.zrem(index, id);
      return word;
    },

    /** Lists that were created at `until` or before, oldest first. */
    createdBefore: (until: number, offset: number, count: number): Promise<ListId[]> =>
      redis.zrangebyscore(keys.storedLists, "-inf", until, "LIMIT", offset, count),
  };

  async function createdUntil(until: number | undefined, offset: number, count: number): Promise<Mark[]> {
    const rows = await redis.zrevrangebyscore(
      ...([keys.storedLists, until ?? "+inf", "-inf", "WITHSCORES", "LIMIT", offset, count] as const),
    );
    return marksIn(rows);
  }
}

export type Lists = ReturnType<typeof createLists>;
