import { Failure } from "../failure.ts";

/** A place in a list that is kept by time, newest first; of one moment the greater id comes first. */
export type Mark = { readonly at: number; readonly id: string };

export function isOlder(mark: Mark, than: Mark): boolean {
  return mark.at < than.at || (mark.at === than.at && mark.id < than.id);
}

/** Which list a cursor is of: in another it would skip rows. */
export type CursorOf = "campaigns" | "lists" | "results";

export function encodeCursor(of: CursorOf, { at, id }: Mark): string {
  return Buffer.from(`${of}:${at}:${id}`).toString("base64url");
}

type PageQuery = { readonly cursor?: string | undefined; readonly limit: number };

/** What a page is read from: marks at `until` or before, newest first, and what stands behind each. */
type Shelf<Item> = {
  readonly of: CursorOf;
  readonly newest: (until: number | undefined, offset: number, count: number) => Promise<readonly Mark[]>;
  /** Undefined for what is gone, or not asked for. */
  readonly find: (id: string) => Promise<Item | undefined>;
};

/**
 * Items, newest first. A page stays what it is while others are added: the cursor names the last item that was
 * seen.
 *
 * @throws Failure INVALID_PARAMETER for a cursor that this did not give out
 */
export async function readPage<Item>(
  { cursor, limit }: PageQuery,
  { of, newest, find }: Shelf<Item>,
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : decodeCursor(of, cursor);
  const items: Item[] = [];
  let [seen, last] = [after, after];
  for (let offset = 0; ; offset += limit) {
    const marks = await newest(after?.at, offset, limit);
    const found = await Promise.all(marks.map(({ id }) => find(id)));
    for (const [index, mark] of marks.entries()) {
      const item = found[index];
      // Those that are added meanwhile push what was seen into the next slice.
      if (seen && !isOlder(mark, seen)) continue;
      seen = mark;
      if (item === undefined) continue;
      if (last && items.length === limit) return { items, nextCursor: encodeCursor(of, last) };
      items.push(item);
      last = mark;
    }
    if (marks.length < limit) return { items, nextCursor: null };
  }
}

/** A zset's rows WITHSCORES as marks. */
export function marksIn(rows: readonly string[]): Mark[] {
  return rows.flatMap((id, place) => (place % 2 === 0 ? [{ id, at: Number(rows[place + 1]) }] : []));
}

/** @throws Failure INVALID_PARAMETER for a cursor that was not given out of this list */
export function decodeCursor(of: CursorOf, cursor: string): Mark {
  const [, named, at, id] = /^(\w+):(\d+):(.+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (named !== of || at === undefined || id === undefined) throw wrongCursor();
  return { at: Number(at), id };
}

export function wrongCursor(): Failure {
  const error = { path: "cursor", message: "expected the nextCursor of an earlier page" };
  return new Failure("INVALID_PARAMETER", `${error.path}: ${error.message}`, {
    details: { errors: [error] },
  });
}
