import { createHash } from "node:crypto";
import { z } from "zod";
import type { Trouble } from "../campaign/batch.ts";
import { type ListId, newListId, type StoredList } from "../campaign/list.ts";
import type { ReadingSource } from "../campaign/reading.ts";
import { pack } from "./fields.ts";
import type { Keys } from "./keys.ts";
import type { Lists } from "./lists.ts";
import { createMemberPages, type Gathered, type MemberPage, type Shelf } from "./member-pages.ts";
import { createScript, type RedisClient } from "./script.ts";

/** Whose record is not there so long after it was begun was never begun, or is removed. */
const ORPHAN_MS = 3_600_000;

type Address = { readonly id: ListId };

/**
 * Stored lists of followers, while they are being read from WeChat. Their chunks have no time to live: who removes
 * the record stops the reading. Times are milliseconds since the epoch.
 */
export function createReadings(redis: RedisClient, keys: Keys, lists: Pick<Lists, "find" | "list" | "read">) {
  const noteScript = createScript(redis, "note-reading", z.enum(["noted", "gone"]));
  const pages = createMemberPages(redis);
  const shelfOf = ({ id }: Address): Shelf => ({
    record: keys.storedList(id),
    people: keys.storedPeople(id),
  });

  const note = (id: ListId, change: Partial<StoredList>) =>
    noteScript([keys.storedList(id), keys.storedPeople(id)], [JSON.stringify(pack(change))]);

  async function withProgress(list: StoredList): Promise<StoredList> {
    if (list.state !== "reading") return list;
    const { received } = await pages.read(shelfOf(list));
    return { ...list, received };
  }

  async function sha256Of(list: Pick<StoredList, "id" | "chunks">): Promise<string> {
    const hash = createHash("sha256");
    for await (const lines of lists.read(list)) hash.update(lines).update("\n");
    return hash.digest("hex");
  }

  return {
    /** Begins a list: from here on campaigns may name it, and a worker reads it. */
    async begin(
      { account, source, name }: { account: string; source: ReadingSource; name?: string | undefined },
      now: number,
    ): Promise<StoredList> {
      const times = { createdAt: now, usedAt: now };
      const counts = { received: 0, invalid: 0, chunks: 0, sha256: "" };
      const whose = { id: newListId(), account, source, ...(name !== undefined && { name }) };
      const list: StoredList = { ...whose, ...counts, ...times, state: "reading" };
      // First, so that none is ever missing there; one without a record is none.
      await redis.zadd(keys.storedLists, now, list.id);
      await redis.zadd(keys.readings, now, list.id);
      await redis.hset(keys.storedList(list.id), pack(list));
      return list;
    },

    /** A list as it is now: of one that is being read, as far as it is. */
    async find(id: ListId): Promise<StoredList | undefined> {
      const list = await lists.find(id);
      return list && withProgress(list);
    },

    /** Lists, newest first, each as it is now. Throws INVALID_PARAMETER for a cursor that this did not give out. */
    async list(query: Parameters<Lists["list"]>[0]): ReturnType<Lists["list"]> {
      const { items, nextCursor } = await lists.list(query);
      return { items: await Promise.all(items.map(withProgress)), nextCursor };
    },

    read: (of: Address): Promise<Gathered> => pages.read(shelfOf(of)),

    add: (of: Address, before: Gathered, page: MemberPage) => pages.add(shelfOf(of), before, page),

    /** Notes the number of a tag that was asked for by its name: what it is called may change. */
    noteTag: (id: ListId, tagId: number) => note(id, { source: { type: "tag", tagId } }),

    /** Notes when its last pages came. */
    noteUse: (id: ListId, usedAt: number) => note(id, { usedAt }),

    /** Notes why the next page could not be had; it is tried again. */
    noteTrouble: (id: ListId, trouble: Trouble) => note(id, { trouble }),

    /** Makes what was read a list like any other. */
    async finish(id: ListId, { chunks, received }: Pick<Gathered, "chunks" | "received">) {
      const sha256 = await sha256Of({ id, chunks });
      return note(id, { state: "ready", chunks, received, sha256 });
    },

    /** Gives a list up; what was read of it is let go. */
    fail: (id: ListId, trouble: Trouble) => note(id, { state: "failed", trouble }),

    /** Lists that may have to be read on. */
    async open(now: number): Promise<ListId[]> {
      const rows = await redis.zrange(keys.readings, "0", "-1", "WITHSCORES");
      const open: ListId[] = [];
      for (let at = 0; at + 1 < rows.length; at += 2) {
        const id = rows[at] as ListId;
        const list = await lists.find(id);
        const isNew = now - Number(rows[at + 1]) < ORPHAN_MS;
        if (list ? list.state === "reading" : isNew) open.push(id);
        else await redis.zrem(keys.readings, id);
      }
      return open;
    },

    /** One that is not to be read on. */
    forget: (id: ListId) => redis.zrem(keys.readings, id),
  };
}

export type Readings = ReturnType<typeof createReadings>;
