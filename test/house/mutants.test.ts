import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mutants } from "../../scripts/mutants/mutants.ts";

test("there are mutants, and none says what another says", () => {
  expect(mutants.length).toBeGreaterThan(20);
  expect(new Set(mutants.map(({ says }) => says)).size).toBe(mutants.length);
});

test.each(mutants)("$says", ({ promise, file, from, to, tests }) => {
  expect(from).not.toBe(to);
  expect(readFileSync(file, "utf8").split(from)).toHaveLength(2);
  expect(tests.length).toBeGreaterThan(0);
  expect(tests.filter((path) => !existsSync(path))).toEqual([]);
  expect(readFileSync("docs/guarantees.md", "utf8")).toContain(`\n## ${promise}\n`);
});
