import { createReadStream } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import type { ListId, StoredList } from "../campaign/list.ts";
import type { ReadingSource } from "../campaign/reading.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { DoNotSend } from "../store/do-not-send.ts";
import type { Lists } from "../store/lists.ts";
import type { Readings } from "../store/readings.ts";
import { unpacked } from "./unpacked.ts";
import { fileTrouble } from "./wechat-desk.ts";

/** What the commands about stored lists and people need of the ledger; `compose-cli.ts` hands it over. */
export type ListDesk = {
  readonly accounts: ReadonlyMap<string, unknown>;
  readonly lists: Pick<Lists, "store">;
  readonly readings: Pick<Readings, "find" | "list">;
  /** "pinned": an open campaign names it. */
  readonly removeList: (id: ListId) => Promise<"removed" | "pinned" | "used" | "gone">;
  readonly startReading: (of: {
    account: string;
    source: ReadingSource;
    name?: string | undefined;
  }) => Promise<StoredList>;
  readonly doNotSend: Pick<DoNotSend, "add" | "drop" | "list">;
  readonly clock: Clock;
};

/** @throws Failure NOT_FOUND when the accounts file has no such account, in the words given */
export function requireAccount(
  { accounts }: Pick<ListDesk, "accounts">,
  id: string,
  noAccount: (known: string) => string,
): void {
  if (!accounts.has(id)) throw new Failure("NOT_FOUND", noAccount([...accounts.keys()].join(", ")));
}

type Reading = {
  /** Hears how many bytes of the file have been read. */
  readonly onBytes?: (count: number) => void;
  /** Ends the reading, of a standard input too from which nothing comes. */
  readonly signal?: AbortSignal;
};

/**
 * The bytes of a list while its file is read, unpacked; `-` is the standard input.
 *
 * @throws Failure NOT_FOUND when there is no such file, BAD_REQUEST when it can't be read, and what `unpacked` throws
 */
export function bytesOf(path: string, stdin: Readable, reading: Reading = {}): AsyncGenerator<Uint8Array> {
  return unpacked(read(path, stdin, reading));
}

async function* read(
  path: string,
  stdin: Readable,
  { onBytes = () => {}, signal }: Reading,
): AsyncGenerator<Uint8Array> {
  let count = 0;
  const input = path === "-" ? stdin : createReadStream(path);
  if (signal) addAbortSignal(signal, input);
  try {
    for await (const chunk of input) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
      count += bytes.length;
      onBytes(count);
      yield bytes;
    }
    signal?.throwIfAborted();
  } catch (cause) {
    throw fileTrouble(path, cause);
  }
}
