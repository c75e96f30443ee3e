import { z } from "zod";
import type { Campaign } from "../campaign/campaign.ts";
import type { Keys } from "./keys.ts";
import { createMemberPages, type Gathered, type MemberPage, type Shelf } from "./member-pages.ts";
import { createScript, type RedisClient } from "./script.ts";

type Address = Pick<Campaign, "account" | "id">;

/** What is read for a campaign: its own segment, or a tag that it leaves out. */
type Gathers = Address & { readonly excludedTag?: number };

/** The members that WeChat names for a campaign, page by page: into its own list, or into its exclusion. */
export function createGathering(redis: RedisClient, keys: Keys) {
  const noteScript = createScript(redis, "note-gathered", z.enum(["noted", "stopped"]));
  const pages = createMemberPages(redis);

  const shelfOf = ({ account, id, excludedTag: tag }: Gathers): Shelf => {
    const record = keys.campaign(account, id);
    return tag === undefined
      ? { record, people: keys.list(account, id) }
      : { record, people: keys.exclusion(account, id), reading: `${tag}` };
  };

  return {
    read: (of: Gathers): Promise<Gathered> => pages.read(shelfOf(of)),

    add: (of: Gathers, before: Gathered, page: MemberPage) => pages.add(shelfOf(of), before, page),

    /** Makes what was gathered the campaign's list: it is planned like any other from here on. */
    note: ({ account, id }: Address, { chunks, received, invalid = 0 }: Counted) =>
      noteScript([keys.campaign(account, id)], [chunks, received, invalid]),
  };
}

type Counted = Pick<Gathered, "chunks" | "received"> & { readonly invalid?: number };

export type Gathering = ReturnType<typeof createGathering>;
