import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));

/** The names in the first column of the table below a heading. */
function namesUnder(heading: string): string[] {
  const section = readFileSync("docs/dependencies.md", "utf8")
    .split(/^## /m)
    .find((part) => part.startsWith(heading));
  return [...(section ?? "").matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name as string).sort();
}

test("docs/dependencies.md gives a reason for every package that qunfa runs on, and for no other", () => {
  expect(namesUnder("Runs")).toEqual(Object.keys(manifest.dependencies).sort());
});

test("docs/dependencies.md gives a reason for every package that qunfa is built and tested with", () => {
  expect(namesUnder("Builds")).toEqual(Object.keys(manifest.devDependencies).sort());
});

test("every package is pinned to one version", () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
});
