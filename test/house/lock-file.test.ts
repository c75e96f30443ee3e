import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Entry = {
  resolved?: string;
  integrity?: string;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
};

const text = readFileSync("package-lock.json", "utf8");
const packages: Record<string, Entry> = JSON.parse(text).packages;

test("package-lock.json names no registry", () => {
  expect(Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined)).toEqual([]);
  expect(text.match(/https?:\/\/[^"]*\.tgz/g)).toBeNull();
});

test("package-lock.json has the optional packages of every platform (else: node scripts/fix-lock.mjs)", () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`${path}/node_modules/${name}` in packages || `node_modules/${name}` in packages),
    ),
  );
  expect(Object.keys(packages).length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});

test("package-lock.json vouches for every package that is not another platform's", () => {
  const unsure = Object.entries(packages).filter(
    ([path, entry]) => path && !entry.integrity && !entry.optional,
  );
  expect(unsure).toEqual([]);
});
