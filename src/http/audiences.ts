import type { Context } from "hono";
import { z } from "zod";
import { ListId, ListName, type StoredList } from "../campaign/list.ts";
import { readEntries } from "../campaign/list-entries.ts";
import { ReadingSource } from "../campaign/reading.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Lists } from "../store/lists.ts";
import { type Accounts, accountIn } from "./account.ts";
import { AudienceView, viewAudience } from "./audience-view.ts";
import { fitting } from "./fitting.ts";
import { readJson } from "./json-body.ts";
import { openListBody } from "./list-body.ts";
import { NoQuery, PageQuery, pageOf, readQuery } from "./query.ts";
import { documented } from "./route.ts";

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

const NameQuery = z.strictObject({ name: ListName.optional() });

const listTypes = {
  "text/plain": z.string().describe("An OpenID a line."),
  "text/csv": z.string().describe("The first column; a header is tolerated."),
  "application/x-ndjson": z.string().describe('A string, or `{"openid": "…"}`, a line.'),
};

const ListHeaders = z.object({ "Content-Encoding": z.enum(["gzip", "identity"]).optional() });

/** Lists of OpenIDs that campaigns name (CONTRACT section 5). */
export function createAudienceHandlers(lists: StoredLists, { accounts, clock, retentionMs }: Parts) {
  const view = (list: StoredList) => viewAudience(list, retentionMs);
  const params = { id: ListId };

  return {
    upload: documented(
      {
        id: "uploadAudience",
        summary: "Stores a list of OpenIDs of any length, read while it arrives.",
        more: "A connection that is cut leaves nothing behind. At most 1 GB as text, however it is compressed.",
        tag: "Audiences",
        query: NameQuery,
        headers: ListHeaders,
        body: listTypes,
        answers: { 201: AudienceView },
        location: "The list.",
      },
      async (c) => {
        const { name } = readQuery(c, NameQuery);
        const { format, bytes } = openListBody(c.req.raw);
        const list = await lists.store(readEntries(bytes, format), { name, now: clock.now() });
        c.header("Location", `/v1/audiences/${list.id}`);
        return c.json(view(list), 201);
      },
    ),

    read: documented(
      {
        id: "readAudience",
        summary: "Begins to read followers into a list: all of an account, or those who have a tag.",
        more: "They are read in the background; campaigns may name the list at once.",
        tag: "Audiences",
        query: NameQuery,
        body: ReadingSource,
        answers: { 202: AudienceView },
        location: "The list.",
      },
      async (c) => {
        const { name } = readQuery(c, NameQuery);
        const { id: account } = accountIn(c, accounts);
        const source = fitting(ReadingSource, await readJson(c.req.raw));
        const list = await lists.startReading({ account, source, name });
        c.header("Location", `/v1/audiences/${list.id}`);
        return c.json(view(list), 202);
      },
    ),

    list: documented(
      {
        id: "listAudiences",
        summary: "Lists the stored lists, the newest first.",
        tag: "Audiences",
        query: PageQuery,
        answers: { 200: pageOf(AudienceView) },
        conditional: true,
      },
      async (c) => {
        const { items, nextCursor } = await lists.list(readQuery(c, PageQuery));
        return c.json({ items: items.map(view), nextCursor });
      },
    ),

    show: documented(
      {
        id: "getAudience",
        summary: "Shows one stored list, without its people.",
        tag: "Audiences",
        params,
        answers: { 200: AudienceView },
        conditional: true,
      },
      async (c) => {
        readQuery(c, NoQuery);
        const list = await lists.find(idIn(c));
        if (!list) throw noSuchList();
        return c.json(view(list));
      },
    ),

    remove: documented(
      {
        id: "removeAudience",
        summary: "Removes a stored list that no open campaign names.",
        tag: "Audiences",
        params,
        answers: { 204: null },
        fails: ["LIST_IN_USE"],
      },
      async (c) => {
        readQuery(c, NoQuery);
        const word = await lists.remove(idIn(c));
        if (word === "gone") throw noSuchList();
        if (word === "pinned")
          throw new Failure("LIST_IN_USE", "A campaign that has not ended names this list.");
        return c.body(null, 204);
      },
    ),
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
