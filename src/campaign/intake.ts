import { type OpenId, openIdIn } from "./openid.ts";

/** Longest part of a malformed entry that is kept, so that a list can't grow by its mistakes. */
const KEPT_CHARACTERS = 128;

/** Tells the possible OpenIDs of a list from its malformed entries, which are counted and kept as text. */
export function sortOpenIds(entries: readonly unknown[]): { valid: OpenId[]; invalid: string[] } {
  const valid: OpenId[] = [];
  const invalid: string[] = [];
  for (const entry of entries) {
    const openid = openIdIn(entry);
    if (openid === undefined) invalid.push(textOf(entry));
    else valid.push(openid);
  }
  return { valid, invalid };
}

/** One line of text, whatever the entry was. */
function textOf(entry: unknown): string {
  const text = typeof entry === "string" ? entry : (JSON.stringify(entry) ?? "");
  return text.replace(/\s+/g, " ").trim().slice(0, KEPT_CHARACTERS);
}
