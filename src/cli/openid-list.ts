import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { readEntries } from "../campaign/list-entries.ts";
import { Failure } from "../failure.ts";
import { unpacked } from "./unpacked.ts";

/**
 * The entries of a list of OpenIDs, one a line; of a line with commas the first column. Blank lines and a
 * header are no entries. `-` is the standard input.
 *
 * @throws Failure NOT_FOUND when there is no such file, BAD_REQUEST when it can't be read
 */
export async function readOpenIdList(path: string, stdin: Readable): Promise<unknown[]> {
  const input = path === "-" ? stdin : createReadStream(path);
  const entries: unknown[] = [];
  try {
    for await (const some of readEntries(unpacked(input), "csv")) entries.push(...some);
    return entries;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const reason = cause instanceof Error && "code" in cause ? cause.code : "it ended early";
    const advice = "give a path, or - for the standard input";
    if (reason === "ENOENT")
      throw new Failure("NOT_FOUND", `Can't read --file: no such file (ENOENT); ${advice}`, { cause });
    throw new Failure("BAD_REQUEST", `Can't read --file (${reason}); ${advice}`, { cause });
  }
}
