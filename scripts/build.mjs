#!/usr/bin/env node
/**
 * Compiles to dist/ and copies what is not TypeScript beside it. The build is made in dist.next and
 * takes dist's place only when it is whole: a failed one leaves the last good one, and nothing stale
 * survives. dist/.stamp names the sources it was made of; while they are the same there is nothing to do.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { projectRoot } from "./project-root.mjs";

const compiled = /\.(ts|mjs|md)$/;
const dist = join(projectRoot, "dist");
const next = join(projectRoot, "dist.next");

if (stampOfDist() !== stampOfSources()) process.exitCode = await withLock("build", build);

function build() {
  const stamp = stampOfSources();
  if (stampOfDist() === stamp) return 0;
  rmSync(next, { recursive: true, force: true });
  // What other projects import has its types beside it.
  for (const project of ["tsconfig.build.json", "tsconfig.producer.json"]) {
    const tsc = join(projectRoot, "node_modules/typescript/bin/tsc");
    const args = [tsc, "-p", join(projectRoot, project), "--outDir", next];
    const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
    if (status === 0) continue;
    rmSync(next, { recursive: true, force: true });
    return status || 1;
  }
  for (const file of sources().filter((file) => !compiled.test(file))) {
    cpSync(join(projectRoot, file), join(next, file));
  }
  // The command of package.json's bin, which a shell runs as it stands.
  chmodSync(join(next, "src/cli/main.js"), 0o755);
  writeFileSync(join(next, ".stamp"), stamp);
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
  return 0;
}

function stampOfDist() {
  const file = join(dist, ".stamp");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** Name, size and time of every source: a removed file counts, and so does an older one checked out. */
function stampOfSources() {
  const settings = ["tsconfig.json", "tsconfig.build.json", "tsconfig.producer.json", "package-lock.json"];
  const hash = createHash("sha256");
  for (const file of [...settings, ...sources()]) {
    const { size, mtimeMs } = statSync(join(projectRoot, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/** @returns {string[]} paths from the project's folder, sorted */
function sources() {
  return ["src", "workers", "scripts"].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(projectRoot.length + 1))
      .sort(),
  );
}
