import { z } from "zod";
import { packLines } from "./blob.ts";
import { createScript, type RedisClient } from "./script.ts";

/** How far members have been read: `next` is where WeChat's next page starts, "" at the start. */
export type Gathered = {
  readonly chunks: number;
  readonly received: number;
  readonly next: string;
  readonly done: boolean;
};

/** Where members are put: the hash of the pages, and the record for which they are read. */
export type Shelf = {
  readonly record: string;
  readonly people: string;
  /** Of several readings into one hash, which. */
  readonly reading?: string;
};

export type MemberPage = { readonly openids: readonly string[]; readonly next?: string | undefined };

/** What stands for the end of a reading: no OpenID is so short. */
const END = ".";

const Count = z.coerce.number().int().default(0);

/**
 * The members of tags, or all followers, page by page. How far a reading is stands beside the pages, written with
 * each of them, so that nobody is lost by a crash and two who read at once get in nobody's way.
 */
export function createMemberPages(redis: RedisClient) {
  const addScript = createScript(redis, "add-members", z.enum(["added", "moved", "gone"]));
  const fieldOf = ({ reading }: Shelf) => (reading === undefined ? "next" : `next:${reading}`);

  return {
    async read(shelf: Shelf): Promise<Gathered> {
      const [chunks, received, next] = await redis.hmget(
        ...([shelf.people, "chunks", "received", fieldOf(shelf)] as const),
      );
      const counts = {
        chunks: Count.parse(chunks ?? undefined),
        received: Count.parse(received ?? undefined),
      };
      return { ...counts, next: next === END ? "" : (next ?? ""), done: next === END };
    },

    /** Adds a page that was asked for when `before` was read; without `next` it was the last one. */
    async add(shelf: Shelf, before: Pick<Gathered, "chunks">, { openids, next }: MemberPage) {
      const page = openids.length === 0 ? "" : await packLines(openids);
      return addScript(
        [shelf.record, shelf.people],
        [before.chunks, page, openids.length, fieldOf(shelf), next ?? END],
      );
    },
  };
}
