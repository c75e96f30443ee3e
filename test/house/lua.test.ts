import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readScript } from "../../src/store/script.ts";
import { filesIn } from "../support/files.ts";

const all = filesIn("src/store/lua", ".lua");
const libraries = all.filter((file) => file.startsWith("src/store/lua/lib/"));
const scripts = all.filter((file) => !libraries.includes(file));
const text = (file: string) => readFileSync(file, "utf8");
const unique = (items: readonly string[]) => [...new Set(items)].sort();

/** The comment lines at the top, without their dashes, and the code below them. */
function parts(file: string) {
  const lines = text(file).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("--") || line.startsWith("-- @include"));
  return {
    header: lines.slice(0, end).map((line) => line.replace(/^-- ?/, "")),
    code: lines.slice(end).join("\n").replace(/--.*$/gm, ""),
  };
}

/** What the header lists, `KEYS[1]  account  what it is`, and nothing half written. */
function listed(header: readonly string[]): string[] {
  return header.flatMap((line) => /^((?:KEYS|ARGV)\[\d+\]) +\w+ +\S/.exec(line)?.[1] ?? []);
}

test("there are Lua scripts to look at", () => {
  expect(scripts.length).toBeGreaterThan(5);
});

describe.each(scripts)("%s", (file) => {
  const { header, code } = parts(file);
  const operands = listed(header);

  test("opens with one sentence of purpose, and says what it returns", () => {
    expect(header[0]).toMatch(/^[A-Z].+/);
    expect(header.join("\n")).toMatch(/^Returns \S/m);
  });

  test("lists each KEYS and ARGV once, in order", () => {
    for (const kind of ["KEYS", "ARGV"]) {
      const names = operands.filter((name) => name.startsWith(kind));
      expect(names).toEqual(names.map((_, index) => `${kind}[${index + 1}]`));
    }
  });

  test("uses every KEYS and ARGV that its header lists, and no other", () => {
    expect(unique(code.match(/(?:KEYS|ARGV)\[\d+\]/g) ?? [])).toEqual(unique(operands));
  });

  test("takes the time as an argument", () => {
    expect(code).not.toMatch(/\bTIME\b|os\.(time|clock)/);
  });
});

describe.each(libraries)("%s", (file) => {
  test("opens with its purpose and leaves KEYS and ARGV to the scripts", () => {
    const { header, code } = parts(file);
    expect(header[0]).toMatch(/^[A-Z].+/);
    expect(code).not.toMatch(/\b(KEYS|ARGV)\b/);
  });

  test("is included by a script", () => {
    const line = `-- @include ${basename(file, ".lua")}`;
    expect(all.filter((other) => text(other).split("\n").includes(line))).not.toEqual([]);
  });
});

test("no Lua file has more than 50 lines below its header", () => {
  expect(all.filter((file) => parts(file).code.trimEnd().split("\n").length > 50)).toEqual([]);
});

describe("Redis", () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(inject("redisUrl"));
  });
  afterAll(() => redis.quit());

  test.each(scripts)("compiles %s", async (file) => {
    expect(await redis.script("LOAD", readScript(basename(file, ".lua")))).toMatch(/^[0-9a-f]{40}$/);
  });
});
