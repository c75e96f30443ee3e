import { stat } from "node:fs/promises";
import type { PeopleLines } from "../campaign/exclusion.ts";
import { sortOpenIds } from "../campaign/intake.ts";
import type { ListFormat } from "../campaign/list.ts";
import { readEntries } from "../campaign/list-entries.ts";
import { heedInterrupt } from "./interrupt.ts";
import { bytesOf } from "./list-desk.ts";
import { openProgressBar } from "./progress-bar.ts";
import type { Terminal } from "./terminal.ts";

const FORMATS: Readonly<Record<string, ListFormat>> = { txt: "text", ndjson: "ndjson", jsonl: "ndjson" };

type File = { readonly path: string; readonly format?: ListFormat | undefined; readonly bar: string };

/**
 * Hands on the entries of a file while it is read, with a bar for who waits; `-` is the standard input. Ctrl-C is
 * what they end with then, so that nothing half is kept.
 */
export async function readListFile<Value>(
  terminal: Terminal,
  { path, format, bar: words }: File,
  deed: (entries: AsyncIterable<unknown[]>) => Promise<Value>,
): Promise<Value> {
  const bar = openProgressBar(terminal, words, await sizeOf(path));
  try {
    return await heedInterrupt(terminal, (signal) => {
      const bytes = bytesOf(path, terminal.stdin, { onBytes: bar.show, signal });
      return deed(readEntries(bytes, format ?? formatOf(path)));
    });
  } finally {
    bar.stop();
  }
}

function formatOf(path: string): ListFormat {
  return FORMATS[path.replace(/\.gz$/, "").split(".").at(-1) ?? ""] ?? "csv";
}

/** Nobody knows how long the standard input is; whether a file is there is found out by reading it. */
async function sizeOf(path: string): Promise<number> {
  if (path === "-") return 0;
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Holds the possible OpenIDs of a list, 29 bytes each, for a plan that stores nothing. */
export async function holdList(
  entries: AsyncIterable<unknown[]>,
): Promise<PeopleLines & { readonly invalid: number }> {
  const chunks: Buffer[] = [];
  const counts = { received: 0, invalid: 0 };
  for await (const some of entries) {
    const { valid, invalid } = sortOpenIds(some);
    counts.received += some.length;
    counts.invalid += invalid.length;
    if (valid.length > 0) chunks.push(Buffer.from(valid.join("\n")));
  }
  async function* lines() {
    yield* chunks;
  }
  return { ...counts, lines };
}
