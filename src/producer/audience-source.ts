import { ListFormat } from "../campaign/list.ts";
import { readEntries } from "../campaign/list-entries.ts";
import { Failure } from "../failure.ts";

/**
 * People one by one, or the bytes of a list as a file or a request brings them. A stream of strings is of people:
 * of text it has to be one of bytes, that is without an encoding.
 */
export type AudienceSource = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** Entries handed on at once. */
const BLOCK = 2_000;

/** The entries of a source while it comes: nothing of it is held but the block at hand. */
export async function* entriesOf(source: AudienceSource, format: ListFormat): AsyncGenerator<unknown[]> {
  // A text and its bytes could be gone through too, character by character.
  if (!isSource(source) || source instanceof Uint8Array)
    throw new Failure("INVALID_PARAMETER", "source: expected a list or a stream of OpenIDs, not a text");
  if (!ListFormat.safeParse(format).success)
    throw new Failure("INVALID_PARAMETER", `format: expected ${ListFormat.options.join(", ")}`);
  const items = each(source);
  const first = await items.next();
  if (first.done) return;
  if (first.value instanceof Uint8Array) yield* readEntries(bytes(first.value, items), format);
  else yield* blocks(first.value, items);
}

function isSource(source: unknown): source is AudienceSource {
  if (typeof source !== "object" || source === null) return false;
  return Symbol.asyncIterator in source || Symbol.iterator in source;
}

async function* each(source: AudienceSource): AsyncGenerator<string | Uint8Array> {
  yield* source;
}

async function* blocks(first: unknown, rest: AsyncIterable<unknown>): AsyncGenerator<string[]> {
  let block = [person(first)];
  for await (const entry of rest) {
    block.push(person(entry));
    if (block.length < BLOCK) continue;
    yield block;
    block = [];
  }
  yield block;
}

/** @throws Failure INVALID_PARAMETER for a piece of text with several of them: a stream with an encoding brings such */
function person(entry: unknown): string {
  if (typeof entry !== "string")
    throw new Failure("INVALID_PARAMETER", "source: expected each OpenID as a string");
  if (!entry.trim().includes("\n")) return entry;
  throw new Failure(
    "INVALID_PARAMETER",
    "source: expected one OpenID in each string; a text has to come as bytes, from a stream without an encoding",
  );
}

async function* bytes(first: Uint8Array, rest: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  yield first;
  for await (const chunk of rest) {
    if (typeof chunk === "string") yield Buffer.from(chunk);
    else if (chunk instanceof Uint8Array) yield chunk;
    else
      throw new Failure("INVALID_PARAMETER", "source: expected nothing but bytes behind the first of them");
  }
}
