import { jsonText } from "./json-text.ts";
import { type OpenId, openIdIn } from "./openid.ts";

/** Longest part of a malformed entry that is kept, so that a list can't grow by its mistakes. */
const KEPT_CHARACTERS = 128;

/** Longest part of one that is looked at: what is kept may hold spaces that are one in the end. */
const READ_CHARACTERS = 8 * KEPT_CHARACTERS;

/** Tells the possible OpenIDs of a list from its malformed entries, which are counted and kept as text. */
export function sortOpenIds(entries: readonly unknown[]): { valid: OpenId[]; invalid: string[] } {
  const valid: OpenId[] = [];
  const invalid: string[] = [];
  for (const entry of entries) {
    const openid = openIdIn(entry);
    if (openid === undefined) invalid.push(keptOf(entry));
    else valid.push(openid);
  }
  return { valid, invalid };
}

/** What is kept of a malformed entry: one line of text, whatever it was, and of one that is huge or deep its start. */
export function keptOf(entry: unknown): string {
  if (entry === undefined) return "";
  const text = typeof entry === "string" ? entry.trimStart() : (jsonText(entry).next().value ?? "");
  return text.slice(0, READ_CHARACTERS).replace(/\s+/g, " ").trim().slice(0, KEPT_CHARACTERS);
}
