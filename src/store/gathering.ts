import { z } from "zod";
import type { Campaign } from "../campaign/campaign.ts";
import { packLines } from "./blob.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

type Address = Pick<Campaign, "account" | "id">;

/** How far the members of a segment have been read: `next` is where WeChat's next page starts, "" at the start. */
export const Gathered = z.object({
  chunks: z.coerce.number().int().default(0),
  received: z.coerce.number().int().default(0),
  next: z.string().default(""),
  done: z
    .string()
    .optional()
    .transform((mark) => mark !== undefined),
});
export type Gathered = z.infer<typeof Gathered>;

/**
 * The members of a campaign's segment, page by page into its own list. How far it is stands beside the pages,
 * written with each, so that who goes on after a crash goes on behind the last whole page.
 */
export function createGathering(redis: RedisClient, keys: Keys) {
  const noteScript = createScript(redis, "note-gathered", z.enum(["noted", "stopped"]));

  return {
    async read({ account, id }: Address): Promise<Gathered> {
      const fields = ["chunks", "received", "next", "done"] as const;
      const found = await redis.hmget(keys.list(account, id), ...fields);
      return Gathered.parse(Object.fromEntries(fields.map((field, at) => [field, found[at] ?? undefined])));
    },

    /** Adds a page behind `before`; without `next` it was the last one. */
    async add(
      { account, id }: Address,
      before: Gathered,
      page: { openids: readonly string[]; next?: string | undefined },
    ) {
      const { openids, next } = page;
      const chunks = before.chunks + (openids.length > 0 ? 1 : 0);
      await redis.hset(keys.list(account, id), {
        ...(openids.length > 0 && { [before.chunks]: await packLines(openids) }),
        ...{ chunks, received: before.received + openids.length },
        ...(next === undefined ? { done: 1 } : { next }),
      });
    },

    /** Makes what was gathered the campaign's list: it is planned like any other from here on. */
    note: ({ account, id }: Address, { chunks, received }: Pick<Gathered, "chunks" | "received">) =>
      noteScript([keys.campaign(account, id)], [chunks, received]),
  };
}

export type Gathering = ReturnType<typeof createGathering>;
