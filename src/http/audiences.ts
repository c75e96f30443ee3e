import type { Context } from "hono";
import { z } from "zod";
import { ListId, type StoredList } from "../campaign/list.ts";
import { readEntries } from "../campaign/list-entries.ts";
import { ReadingSource } from "../campaign/reading.ts";
import { viewTrouble } from "../campaign/trouble-view.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Lists } from "../store/lists.ts";
import { type Accounts, accountIn } from "./account.ts";
import { fitting } from "./fitting.ts";
import { isoTime } from "./iso-time.ts";
import { readJson } from "./json-body.ts";
import { openListBody } from "./list-body.ts";
import { NoQuery, PageQuery, readQuery } from "./query.ts";

/** What this door does with stored lists; `compose.ts` hands it over. */
export type StoredLists = Pick<Lists, "store" | "find" | "list"> & {
  /** "pinned": an open campaign names it. */
  remove(id: ListId): Promise<"removed" | "pinned" | "used" | "gone">;
  /** Begins a list of followers, which is read in the background. */
  startReading(of: {
    account: string;
    source: ReadingSource;
    name?: string | undefined;
  }): Promise<StoredList>;
};

const NameQuery = z.strictObject({ name: z.string().min(1).max(200, "200 characters at most").optional() });

/** Lists of OpenIDs that campaigns name (CONTRACT section 5). */
export function createAudienceHandlers(lists: StoredLists, { accounts, clock, retentionMs }: Parts) {
  const view = ({ id, name, state, received, invalid, createdAt, usedAt, ...list }: StoredList) => ({
    ...{ audienceId: id, name: name ?? null, state, received, invalid },
    ...{ sha256: list.sha256 || null, account: list.account ?? null, source: list.source ?? null },
    /** Why it can't be read, or not yet. */
    error: state === "ready" ? null : viewTrouble(list.trouble),
    ...{ createdAt: isoTime(createdAt), usedAt: isoTime(usedAt) },
    /** Unless an open campaign names it then, or one takes it before. */
    expiresAt: isoTime(usedAt + retentionMs),
  });

  return {
    async upload(c: Context) {
      const { name } = readQuery(c, NameQuery);
      const { format, bytes } = openListBody(c.req.raw);
      const list = await lists.store(readEntries(bytes, format), { name, now: clock.now() });
      c.header("Location", `/v1/audiences/${list.id}`);
      return c.json(view(list), 201);
    },

    /** Followers are read in the background: 202. */
    async read(c: Context) {
      const { name } = readQuery(c, NameQuery);
      const { id: account } = accountIn(c, accounts);
      const source = fitting(ReadingSource, await readJson(c.req.raw));
      const list = await lists.startReading({ account, source, name });
      c.header("Location", `/v1/audiences/${list.id}`);
      return c.json(view(list), 202);
    },

    async list(c: Context) {
      const { items, nextCursor } = await lists.list(readQuery(c, PageQuery));
      return c.json({ items: items.map(view), nextCursor });
    },

    async show(c: Context) {
      readQuery(c, NoQuery);
      const list = await lists.find(idIn(c));
      if (!list) throw noSuchList();
      return c.json(view(list));
    },

    async remove(c: Context) {
      readQuery(c, NoQuery);
      const word = await lists.remove(idIn(c));
      if (word === "gone") throw noSuchList();
      if (word === "pinned")
        throw new Failure("LIST_IN_USE", "A campaign that has not ended names this list.");
      return c.body(null, 204);
    },
  };
}

type Parts = { readonly accounts: Accounts; readonly clock: Clock; readonly retentionMs: number };

function idIn(c: Context): ListId {
  const id = ListId.safeParse(c.req.param("id"));
  if (!id.success) throw noSuchList();
  return id.data;
}

function noSuchList(): Failure {
  return new Failure("NOT_FOUND", "There is no such list.");
}
