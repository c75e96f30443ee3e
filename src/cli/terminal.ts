import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";
import Table from "cli-table3";
import type { Language } from "./words.ts";

/** How an answer is written: for people, as one JSON value, or as a JSON value a line. */
export const OUTPUTS = ["table", "json", "ndjson"] as const;
export type Output = (typeof OUTPUTS)[number];

export type Colour = "green" | "yellow" | "red";

/** Where a command reads and writes, and in which language. */
export type Terminal = {
  readonly language: Language;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** It writes lines, one after the other, and knows no more: TERM=dumb. */
  readonly isDumb: boolean;
  /** Known once the command line has been read. */
  readonly output: () => Output;
  /** Colours a text of the answer, where a person sees it and has not said NO_COLOR. */
  readonly paint: (colour: Colour | undefined, text: string) => string;
  /** Hears of Ctrl-C in place of dying of it; answers what ends that. */
  readonly onInterrupt: (listener: () => void) => () => void;
};

export function isTerminal(stream: Writable): stream is NodeJS.WriteStream;
export function isTerminal(stream: Readable): stream is NodeJS.ReadStream;
export function isTerminal(stream: object): boolean {
  return "isTTY" in stream && stream.isTTY === true;
}

/** Colours on a terminal only; never with NO_COLOR, whatever it says (no-color.org), nor where there are none. */
export function createPaint(
  { stdout, isDumb }: Pick<Terminal, "stdout" | "isDumb">,
  env: Readonly<Record<string, string | undefined>>,
): Terminal["paint"] {
  const isPlain = !isTerminal(stdout) || Boolean(env.NO_COLOR) || isDumb;
  // It would look at this process' own stdout, and has been looked at above.
  return (colour, text) =>
    isPlain || colour === undefined ? text : styleText(colour, text, { validateStream: false });
}

const [COLOUR_ON, COLOUR_OFF] = ["\u001b[3", "\u001b[39m"];

/** Control characters, and those that end a line or turn its direction. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text that others had a hand in, without what steers a terminal; the colours that `createPaint` gives stay. */
export function legible(text: string): string {
  return text.replace(STEERING, (char, at: number) =>
    char === "\n" || isColour(text.slice(at, at + COLOUR_OFF.length)) ? char : "\ufffd",
  );
}

function isColour(text: string): boolean {
  return text === COLOUR_OFF || [1, 2, 3].some((number) => text.startsWith(`${COLOUR_ON}${number}m`));
}

/** The same in one line, and without colours: for what only others have written. */
export function oneLine(text: string): string {
  return text.replace(/\r\n|[\n\r\t]/g, " ").replace(STEERING, "\ufffd");
}

/** A text; or one of ours, which may be coloured. */
export type Cell = string | { readonly painted: string };

/** Rows, by default of a name and a number, aligned however wide the characters are. */
export function tableOf(
  rows: readonly (readonly Cell[])[],
  colAligns: ("left" | "right")[] = ["left", "right"],
): string {
  const noLines = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const table = new Table({ colAligns, chars: noLines, style: { head: [], border: [] } });
  table.push(
    ...rows.map((row) => row.map((cell) => (typeof cell === "string" ? oneLine(cell) : cell.painted))),
  );
  return table.toString();
}

/** 25,000: a whole number as people read it. */
export function count(value: number | null): string {
  return (value ?? 0).toLocaleString("en");
}

const SHANGHAI_MS = 8 * 3_600_000;

/** A moment as the calendar of WeChat has it, in a form that options take again. */
export function moment(at: number): string {
  return `${new Date(at + SHANGHAI_MS).toISOString().slice(0, 19)}+08:00`;
}
