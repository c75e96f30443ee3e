import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { Failure } from "../failure.ts";
import type { ListFormat } from "./list.ts";

/** No line of a list of OpenIDs is longer: one that is would fill the memory. */
const LINE_MAX = 65_536;

/** Entries handed on at once. */
const BLOCK = 2_000;

const HEADER = /^(用户\s*)?open[\s_-]?id$/i;

type Bytes = AsyncIterable<Uint8Array>;

/**
 * The entries of a list as they come, in blocks of some thousand: nothing of it is held but the block at hand.
 * Blank lines are no entries, nor is a header in the first line (`openid`, in any writing). Bytes that are no
 * UTF-8 make their entry a malformed one.
 *
 * - `text`: one entry a line
 * - `csv`: the first column, separated by comma, semicolon or tab
 * - `ndjson`: a string, or an object with `openid`, a line; anything else is a malformed entry
 *
 * @throws Failure TOO_LARGE for a line of more than 64 KiB, BAD_REQUEST for a quote that is never closed
 */
export function readEntries(bytes: Bytes, format: ListFormat): AsyncGenerator<unknown[]> {
  switch (format) {
    case "text":
      return withoutHeader(lines(bytes));
    case "csv":
      return withoutHeader(firstColumns(bytes));
    case "ndjson":
      return values(lines(bytes));
  }
}

async function* lines(bytes: Bytes): AsyncGenerator<string[]> {
  // Without `fatal` it puts a character that no OpenID has in place of what is no UTF-8; a byte order mark it drops.
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    if (parts.some((part) => part.length > LINE_MAX)) throw tooLong();
    rest = parts.pop() ?? "";
    yield parts.filter(isNotBlank);
  }
  yield [rest + decoder.decode()].filter(isNotBlank);
}

const isNotBlank = (line: string) => line.trim() !== "";

async function* firstColumns(bytes: Bytes): AsyncGenerator<string[]> {
  const parser = parse({
    ...{ bom: true, delimiter: [",", ";", "\t"], record_delimiter: ["\r\n", "\n", "\r"] },
    max_record_size: LINE_MAX,
    ...{ relax_column_count: true, relax_quotes: true, skip_records_with_empty_values: true },
  });
  const fed = pipeline(bytes, parser);
  // Whoever reads the records hears of it.
  fed.catch(() => {});
  let block: string[] = [];
  try {
    for await (const [first = ""] of parser as AsyncIterable<string[]>) {
      block.push(first);
      if (block.length < BLOCK) continue;
      yield block;
      block = [];
    }
    yield block;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === "CSV_MAX_RECORD_SIZE") throw tooLong();
    throw new Failure("BAD_REQUEST", `The list is no CSV (${error.code}, line ${error.lines}).`);
  }
}

function tooLong(): Failure {
  return new Failure("TOO_LARGE", `A line of the list has more than ${LINE_MAX} characters.`);
}

async function* withoutHeader(blocks: AsyncGenerator<string[]>): AsyncGenerator<string[]> {
  let isFirst = true;
  for await (const block of blocks) {
    if (isFirst && HEADER.test(block[0]?.trim() ?? "")) block.shift();
    isFirst &&= block.length === 0;
    yield block;
  }
}

async function* values(blocks: AsyncGenerator<string[]>): AsyncGenerator<unknown[]> {
  for await (const block of blocks) yield block.map(valueIn);
}

function valueIn(line: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // As an object, so that a bare word is not taken for one that is written right.
    return { line };
  }
  if (typeof value !== "object" || value === null || !("openid" in value)) return value;
  return value.openid;
}
