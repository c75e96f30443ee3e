import { z } from "zod";
import type { OpenId } from "./openid.ts";

/** Whom a campaign leaves out, as the ledger keeps it: of inline OpenIDs only how many. */
export const Excluded = z.object({
  openids: z.number().int().nonnegative(),
  /** Ids of stored lists. */
  lists: z.array(z.string()),
  /** Numbers of tags, whose members are read before the plan is made. */
  tags: z.array(z.number().int()),
});
export type Excluded = z.infer<typeof Excluded>;

/** Who of these people is left out of a plan. */
export type ExcludedAmong = (openids: readonly OpenId[]) => Promise<ReadonlySet<OpenId>>;

/** People to be gone through: how many at least, duplicates included, and a line each, from the beginning at each call. */
export type PeopleLines = { readonly received: number; readonly lines: () => AsyncIterable<Buffer> };

/** What leaves people out of one plan: some are asked for, others are gone through beside the audience. */
export type Exclusion = {
  /** What it knew at first it goes on saying, however many shards are asked about. */
  readonly among: ExcludedAmong;
  readonly listed: PeopleLines;
};
