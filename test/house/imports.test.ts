import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { filesIn } from "../support/files.ts";

/** Who may import whom: a part, and the parts that it may import beside itself. */
const base = ["failure", "clock", "log"];
const domain = [...base, "campaign"];
const machines = ["store", "queues", "wechat"];
const mayImport: Record<string, readonly string[]> = {
  failure: [],
  clock: [],
  opening: [],
  version: [],
  log: [],
  config: domain,
  campaign: base,
  store: domain,
  queues: domain,
  wechat: domain,
  fetch: domain,
  metrics: domain,
  // Lists are too long for a job: they are stored as the server stores them.
  producer: [...domain, "config", "queues", "store"],
  http: [...domain, ...machines],
  cli: [...domain, ...machines],
  workers: [...domain, ...machines],
  console: [
    ...[...domain, ...machines, "http/auth", "http/problem", "http/route", "http/client", "http/guesses"],
    ...["http/base-path", "http/body", "http/caller", "http/query", "http/ledger", "http/campaign-view"],
  ],
  sandbox: [...base, "wechat/signature", "wechat/envelope"],
  compose: ["*"],
  "compose-cli": ["*"],
  "compose-campaigns": ["*"],
  "compose-checkup": ["*"],
  "compose-desk": ["*"],
  "compose-metrics": ["*"],
  "compose-retire": ["*"],
  "compose-review": ["*"],
  "compose-steps": ["*"],
  "compose-doctor": ["*"],
  "compose-console": [...domain, "config", "console", "http", "store"],
  "compose-events": [...domain, "opening", "http", "store"],
  "compose-notify": ["*"],
  "compose-callbacks": [...domain, "opening", "fetch", "http", "wechat"],
  "compose-sandbox": ["cli", "sandbox"],
  "compose-wechat": [...domain, "config", "opening", "store", "wechat"],
  process: base,
  main: [...base, "config", "compose", "compose-cli", "compose-doctor", "compose-sandbox", "process"],
};

/** One home for each outside package. zod has none: it is the only source of types everywhere. */
const homes: Record<string, readonly string[]> = {
  ioredis: ["store"],
  bullmq: ["queues", "console"],
  undici: ["wechat", "fetch"],
  "fast-xml-parser": ["wechat"],
  "lossless-json": ["wechat"],
  parse5: ["campaign"],
  "ipaddr.js": ["fetch", "http"],
  luxon: ["campaign"],
  "csv-parse": ["campaign"],
  hono: ["http", "console", "sandbox"],
  "@hono/node-server": ["http", "console", "sandbox"],
  "@bull-board/api": ["console"],
  "@bull-board/hono": ["console"],
  pino: ["log"],
  "zod-openapi": ["http"],
  "swagger-ui-dist": ["http"],
  "rate-limiter-flexible": ["http"],
  standardwebhooks: ["fetch"],
  "prom-client": ["metrics"],
  commander: ["cli"],
  "cli-progress": ["cli"],
  "cli-table3": ["cli"],
};

type Import = { file: string; part: string; specifier: string };

/** The specifiers of import, export … from and import(): at the start of a line, so never in a comment. */
const specifiers =
  /^(?:import|export)\b[^"';]*?from\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;

const files = [...filesIn("src", ".ts"), ...filesIn("workers", ".ts")];
const imports: Import[] = files.flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(specifiers)].map(([, from, effect, dynamic]) => ({
    file,
    part: partOf(file),
    specifier: from ?? effect ?? dynamic ?? "",
  })),
);
const inside = imports.filter(({ specifier }) => specifier.startsWith("."));
const outside = imports.filter(({ specifier }) => !specifier.startsWith(".") && !isBuiltin(specifier));

/** `src/store/redis.ts` is of store, `workers/plan.ts` of workers; the configuration is one part in three files. */
function partOf(file: string): string {
  const [top, folder = "", ...rest] = file.split("/");
  if (/^(src|workers|src\/cli|src\/sandbox)\/main\.ts$/.test(file)) return "main";
  if (top === "workers") return "workers";
  if (["config.ts", "setting.ts", "accounts-file.ts"].includes(folder)) return "config";
  return rest.length > 0 ? folder : folder.replace(/\.ts$/, "");
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier);
}

/** Where a relative import leads, as a path from the project's folder. */
function targetOf({ file, specifier }: Import): string {
  return relative(".", join(dirname(file), specifier));
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** A main starts its own folder; everybody else follows the table. */
function isAllowed(one: Import): boolean {
  const target = targetOf(one);
  const targetPart = partOf(target);
  if (one.part === targetPart || (one.part === "main" && dirname(target) === dirname(one.file))) return true;
  const module = target.replace(/^src\//, "").replace(/\.ts$/, "");
  return (mayImport[one.part] ?? []).some((allowed) =>
    ["*", targetPart, module].some((name) => name === allowed),
  );
}

describe("who imports whom", () => {
  test("is looked at in more than a handful of files", () => {
    expect(files.length).toBeGreaterThan(10);
    expect(inside.length).toBeGreaterThan(10);
    expect(outside.length).toBeGreaterThan(10);
  });

  test("is said in the table for every part that there is", () => {
    expect([...new Set(files.map(partOf))].filter((part) => !(part in mayImport))).toEqual([]);
  });

  test("follows the table", () => {
    const wrong = inside.filter((one) => !isAllowed(one));
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  test("never leads out of src and workers", () => {
    expect(inside.filter((one) => !/^(src|workers)\//.test(targetOf(one)))).toEqual([]);
  });

  test("leads to the steps from compose alone", () => {
    const wrong = inside.filter((one) => one.file.startsWith("src/") && targetOf(one).startsWith("workers/"));
    expect(
      wrong
        .map(({ file }) => file)
        .filter((file) => !/^src\/compose(-steps|-desk|-retire|-review|-notify)?\.ts$/.test(file)),
    ).toEqual([]);
  });

  test("gives each outside package one home", () => {
    const wrong = outside.filter(({ part, specifier }) => {
      const name = packageOf(specifier);
      return name !== "zod" && !homes[name]?.includes(part);
    });
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });
});
