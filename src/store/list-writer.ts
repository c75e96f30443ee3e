import { createHash } from "node:crypto";
import { sortOpenIds } from "../campaign/intake.ts";
import type { OpenId } from "../campaign/openid.ts";
import { packLines } from "./blob.ts";
import type { KeepField } from "./keep-fields.ts";

/** People in one stored chunk of a list (MECHANICS section 2). */
export const CHUNK = 10_000;

/** What was written: how many entries came, of how many chunks the possible OpenIDs are. */
export type Written = { received: number; invalid: number; chunks: number; sha256: string };

/**
 * Writes a list into a hash while it comes: its possible OpenIDs as fields `0`, `1`, …, its malformed entries as
 * `invalid:0`, … Never more than a chunk of it is held. `keep` puts one field away.
 */
export function createListWriter(keep: KeepField) {
  const hash = createHash("sha256");
  const written = { received: 0, invalid: 0, chunks: 0 };
  let invalidChunks = 0;
  let valid: OpenId[] = [];
  let invalid: string[] = [];

  async function write(field: string, lines: readonly string[]): Promise<void> {
    await keep(field, await packLines(lines));
  }

  async function writeValid(people: readonly OpenId[]): Promise<void> {
    hash.update(`${people.join("\n")}\n`);
    await write(`${written.chunks++}`, people);
  }

  return {
    async add(entries: readonly unknown[]): Promise<void> {
      const sorted = sortOpenIds(entries);
      written.received += entries.length;
      written.invalid += sorted.invalid.length;
      valid = valid.concat(sorted.valid);
      invalid = invalid.concat(sorted.invalid);
      while (valid.length >= CHUNK) await writeValid(valid.splice(0, CHUNK));
      while (invalid.length >= CHUNK) await write(`invalid:${invalidChunks++}`, invalid.splice(0, CHUNK));
    },

    /** Writes what is left. */
    async finish(): Promise<Written> {
      if (valid.length > 0) await writeValid(valid);
      if (invalid.length > 0) await write(`invalid:${invalidChunks++}`, invalid);
      return { ...written, sha256: hash.digest("hex") };
    },
  };
}
