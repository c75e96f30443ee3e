import { Failure } from "../failure.ts";

/** A place in a list that is kept by time, newest first; of one moment the greater id comes first. */
export type Mark = { readonly at: number; readonly id: string };

export function isOlder(mark: Mark, than: Mark): boolean {
  return mark.at < than.at || (mark.at === than.at && mark.id < than.id);
}

export function encodeCursor({ at, id }: Mark): string {
  return Buffer.from(`${at}:${id}`).toString("base64url");
}

/** @throws Failure INVALID_PARAMETER for a cursor that was not given out */
export function decodeCursor(cursor: string): Mark {
  const [, at, id] = /^(\d+):(.+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (at === undefined || id === undefined)
    throw new Failure("INVALID_PARAMETER", "cursor: expected the nextCursor of an earlier page", {
      details: { errors: [{ path: "cursor", message: "expected the nextCursor of an earlier page" }] },
    });
  return { at: Number(at), id };
}
