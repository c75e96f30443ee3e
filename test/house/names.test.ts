import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { filesIn } from "../support/files.ts";

const folders = ["src", "workers", "test", "scripts", "examples"];
const files = folders.flatMap((folder) =>
  [".ts", ".mjs", ".lua"].flatMap((ending) => filesIn(folder, ending)),
);
const drawers = [
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "types",
  "constants",
  "index",
  "misc",
  "shared",
];

test("there are files to look at", () => {
  expect(files.length).toBeGreaterThan(50);
});

test("every file is named in kebab-case", () => {
  expect(
    files.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(ts|mjs|lua)$/.test(basename(file))),
  ).toEqual([]);
});

test("no file or folder is a drawer for leftovers", () => {
  const names = (file: string) => file.split("/").map((name) => name.replace(/\..*$/, ""));
  expect(files.filter((file) => names(file).some((name) => drawers.includes(name)))).toEqual([]);
});

test("no file has more than 300 lines", () => {
  const lines = (file: string) => readFileSync(file, "utf8").split("\n").length - 1;
  expect(files.filter((file) => lines(file) > 300).map((file) => `${file}: ${lines(file)}`)).toEqual([]);
});
