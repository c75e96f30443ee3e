import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { failures } from "../../src/failure.ts";

const rows = [
  ...readFileSync("docs/failures.md", "utf8").matchAll(/^\| `(\w+)` \|([^|]+)\|([^|]+)\|([^|]+)\|(.+)\|$/gm),
].map(([, code, status, exit, retried, meaning]) => ({
  code,
  status: Number(status),
  exit: Number(exit),
  retry: retried?.trim() === "yes",
  meaning: meaning?.trim() ?? "",
}));

test("docs/failures.md says of every failure what the table says, and knows no other", () => {
  const table = Object.entries(failures).map(([code, { status, exit, retry }]) => ({
    code,
    status,
    exit,
    retry,
  }));
  expect(rows.map(({ meaning: _meaning, ...row }) => row)).toEqual(table);
});

test("docs/failures.md says what each failure means", () => {
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ meaning }) => meaning.length < 20)).toEqual([]);
});
