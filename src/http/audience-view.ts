import { z } from "zod";
import { ListId, ListState, type StoredList } from "../campaign/list.ts";
import { ReadingSource } from "../campaign/reading.ts";
import { TroubleView, viewTrouble } from "../campaign/trouble-view.ts";
import { IsoTime, isoTime } from "./iso-time.ts";

/** A stored list as callers see it. */
export const AudienceView = z
  .object({
    audienceId: ListId,
    name: z.string().nullable(),
    state: ListState,
    received: z.int().nonnegative().describe("Entries that came, blank lines and the header not among them."),
    invalid: z.int().nonnegative().describe("Those among them that can't be an OpenID."),
    sha256: z.string().nullable().describe("Of the possible OpenIDs in their order, a line each."),
    account: z.string().nullable().describe("Of a list of followers, whose they are."),
    source: ReadingSource.nullable(),
    error: TroubleView.nullable().describe("Why it can't be read, or not yet."),
    createdAt: IsoTime,
    usedAt: IsoTime,
    expiresAt: IsoTime.describe("Unless an open campaign names it then, or one takes it before."),
  })
  .meta({ id: "Audience" });
export type AudienceView = z.infer<typeof AudienceView>;

/** `retentionMs`: how long what is not used is kept. */
export function viewAudience(stored: StoredList, retentionMs: number): AudienceView {
  const { id, name, state, received, invalid, createdAt, usedAt, ...list } = stored;
  return {
    ...{ audienceId: id, name: name ?? null, state, received, invalid },
    ...{ sha256: list.sha256 || null, account: list.account ?? null, source: list.source ?? null },
    error: state === "ready" ? null : viewTrouble(list.trouble),
    ...{ createdAt: isoTime(createdAt), usedAt: isoTime(usedAt) },
    expiresAt: isoTime(usedAt + retentionMs),
  };
}
