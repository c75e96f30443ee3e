import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Failure } from "../failure.ts";

/**
 * The entries of a list of OpenIDs, one a line; of a line with commas the first column. Blank lines and a
 * header are no entries. `-` is the standard input.
 *
 * @throws Failure NOT_FOUND when there is no such file, BAD_REQUEST when it can't be read
 */
export async function readOpenIdList(path: string, stdin: Readable): Promise<string[]> {
  const input = path === "-" ? stdin : createReadStream(path);
  // An interface does not hand on what befalls its stream.
  const broken = new Promise<never>((_, reject) => input.once("error", reject));
  const entries: string[] = [];
  const read = async () => {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const entry = firstColumn(line);
      if (entry !== "") entries.push(entry);
    }
  };
  try {
    await Promise.race([read(), broken]);
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? cause.code : "it ended early";
    const advice = "give a path, or - for the standard input";
    if (reason === "ENOENT")
      throw new Failure("NOT_FOUND", `Can't read --file: no such file (ENOENT); ${advice}`, { cause });
    throw new Failure("BAD_REQUEST", `Can't read --file (${reason}); ${advice}`, { cause });
  }
  if (/^open_?id$/i.test(entries[0] ?? "")) entries.shift();
  return entries;
}

/** Spreadsheets write a byte order mark, and quotes. */
function firstColumn(line: string): string {
  const [column = ""] = line.replace(/^\uFEFF/, "").split(",");
  return column.trim().replace(/^"(.*)"$/, "$1");
}
