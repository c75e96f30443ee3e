import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** `"title", "title" ([name](../test/file))`: what shows a promise. */
const shown = [
  ...readFileSync("docs/guarantees.md", "utf8").matchAll(
    /^- ((?:[^(]|\((?!\[))+)\(\[[^\]]+\]\(([^)]+)\)\)/gm,
  ),
].flatMap(([, titles = "", file = ""]) =>
  [...titles.replace(/\s+/g, " ").matchAll(/"([^"]+)"/g)].map(([, title = ""]) => ({ title, file })),
);

test("each promise has tests that show it", () => {
  const promises = readFileSync("docs/guarantees.md", "utf8").split("\n## ").slice(1, -2);
  expect(promises.length).toBeGreaterThan(4);
  for (const promise of promises) expect(promise).toMatch(/^- ".+/m);
  expect(shown.length).toBeGreaterThan(20);
});

test.each(shown)("$title", ({ title, file }) => {
  expect(readFileSync(join("docs", file), "utf8")).toContain(`"${title}"`);
});
