import type { Readable, Writable } from "node:stream";
import Table from "cli-table3";
import type { Language } from "./words.ts";

/** Where a command reads and writes, and in which language. */
export type Terminal = {
  readonly language: Language;
  /** Who sits before it, for the audit log. */
  readonly who: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
};

/** Rows, by default of a name and a number, aligned however wide the characters are. */
export function tableOf(
  rows: readonly (readonly string[])[],
  colAligns: ("left" | "right")[] = ["left", "right"],
): string {
  const noLines = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const table = new Table({ colAligns, chars: noLines, style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

/** 25,000: a whole number as people read it. */
export function count(value: number | null): string {
  return (value ?? 0).toLocaleString("en");
}
