import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { callback, ending, polling } from "../support/crashes/ending.ts";
import { planning } from "../support/crashes/planning.ts";
import type { CrashPoint } from "../support/crashes/point.ts";
import { sending } from "../support/crashes/sending.ts";
import { scriptNames } from "../support/redis-commands.ts";

const doc = readFileSync("docs/crashes.md", "utf8");
const groups: Record<string, readonly CrashPoint[]> = {
  "Taking in and planning": planning,
  Sending: sending,
  "Result and report": ending,
  Polls: polling,
  "The server": callback,
};

/** The tables of the doc by the heading above them. */
const tables = Object.fromEntries(
  doc
    .split(/^## /m)
    .slice(1)
    .map((part) => [
      part.slice(0, part.indexOf("\n")),
      part.split("\n").filter((line) => /^\| (before|after) /.test(line)),
    ]),
);

/** A row as the doc shows it. */
function rowOf({ when, write, does, ledger, next, calls }: CrashPoint): string {
  const [requests, counted] = calls;
  const name = write.includes(" ") ? write : `\`${write}\``;
  const numbers = requests === counted ? `${requests}` : `${requests}, counted ${counted}`;
  return `| ${when} | ${name}: ${does} | ${ledger} | ${next} | ${numbers} |`;
}

test("docs/crashes.md shows every fault point that is tested, in its words, and no other", () => {
  for (const [heading, points] of Object.entries(groups)) {
    expect(points.length).toBeGreaterThan(0);
    expect(tables[heading], heading).toEqual(points.map(rowOf));
  }
  const shown = Object.values(tables).flat().length;
  expect(shown).toBe(Object.values(groups).flat().length);
});

test("every fault point is a write that a proxy can tell, and has a name of its own", () => {
  const points = Object.values(groups).flat();
  const known = new Set([...scriptNames, "HSET", "request at WeChat"]);
  expect(points.filter(({ write }) => !known.has(write))).toEqual([]);
  expect(new Set(points.map(({ id }) => id)).size).toBe(points.length);
});
