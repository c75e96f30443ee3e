import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Trouble } from "./batch.ts";
import type { Excluded } from "./exclusion.ts";
import { ReadingSource } from "./reading.ts";

/** How a list of OpenIDs is written (CONTRACT section 5). */
export const ListFormat = z.enum(["text", "csv", "ndjson"]);
export type ListFormat = z.infer<typeof ListFormat>;

/** The id of a stored list, the `audienceId` of the API. */
export const ListId = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "expected the audienceId of an uploaded list");
export type ListId = z.infer<typeof ListId>;

export function newListId(): ListId {
  return randomUUID();
}

/** What a list is called. */
export const ListName = z.string().min(1, "expected a name").max(200, "200 characters at most");

/** Of a list of followers: its pages are being read, all of them have been, or WeChat does not give them. */
export const ListState = z.enum(["reading", "ready", "failed"]);
export type ListState = z.infer<typeof ListState>;

/** A stored list that campaigns may name, as the ledger keeps it. Times are milliseconds since the epoch. */
export const StoredList = z.object({
  id: z.string(),
  name: z.string().optional(),
  /** Entries that came, blank lines and the header not among them. */
  received: z.number().int().nonnegative(),
  /** Those among them that can't be an OpenID. */
  invalid: z.number().int().nonnegative(),
  /** Of how many stored pieces the others are. */
  chunks: z.number().int().nonnegative(),
  /** SHA-256 of the possible OpenIDs in their order, a line each, in hex. */
  sha256: z.string(),
  createdAt: z.number(),
  /** When it came, a campaign took it, or the last campaign that named it ended. */
  usedAt: z.number(),
  /** An uploaded one is ready. */
  state: ListState.default("ready"),
  /** Of a list of followers, whose account's they are: no campaign of another account may name it. */
  account: z.string().optional(),
  /** Of a list of followers, who they are. */
  source: ReadingSource.optional(),
  /** Why its next page could not be read. */
  trouble: Trouble.optional(),
});
export type StoredList = z.infer<typeof StoredList>;

/** Why a campaign of this account can't have a list, in words for its producer; undefined when it can. */
export function faultOf(list: StoredList | undefined, account: string): string | undefined {
  if (!list) return "there is no such list";
  if (list.account !== undefined && list.account !== account)
    return "the list is of another account's followers";
  return list.state === "failed" ? "WeChat did not give the followers of this list" : undefined;
}

/** The stored lists that a campaign names: its audience, and whom it leaves out. */
export function namedLists(of: {
  readonly list?: ListId | undefined;
  readonly exclude?: Pick<Excluded, "lists"> | undefined;
}): ListId[] {
  return [...new Set([...(of.list === undefined ? [] : [of.list]), ...(of.exclude?.lists ?? [])])];
}
