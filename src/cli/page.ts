import { type Command, InvalidArgumentError } from "commander";
import { byFlags } from "./by-flags.ts";
import type { CampaignWords } from "./campaign-words.ts";
import type { Terminal } from "./terminal.ts";

export type PageOptions = { limit: number; cursor?: string };

type Words = CampaignWords["list"];

/** The options of a command that shows a list by pages. */
export function addPage(command: Command, words: Words): Command {
  return command
    .option("--limit <number>", words.limit, (text) => limitIn(text, words), 50)
    .option("--cursor <cursor>", words.cursor);
}

function limitIn(text: string, { wrongLimit }: Words): number {
  if (/^([1-9]\d?|1\d\d|200)$/.test(text)) return Number(text);
  throw new InvalidArgumentError(wrongLimit);
}

/** Reads a page; of its query the cursor is all that can't be known to be wrong before. */
export function readPage<Page>(deed: () => Promise<Page>): Promise<Page> {
  return byFlags(deed, ({ path, message }) => `--${path}: ${message}`);
}

/**
 * The answer of one page. Where the next one begins is in the table and in the JSON; a value a line has no room for
 * it, so that it is told on stderr then.
 */
export function answerPage(
  { table, views, nextCursor }: { table: string; views: readonly object[]; nextCursor: string | null },
  { output, stderr }: Pick<Terminal, "output" | "stderr">,
  { more }: Words,
) {
  const told = nextCursor === null ? undefined : more(nextCursor);
  if (told !== undefined && output() === "ndjson") stderr.write(`${told}\n`);
  const text = told === undefined ? table : `${table}\n${told}`;
  return { text, data: { items: views, nextCursor }, rows: views };
}
