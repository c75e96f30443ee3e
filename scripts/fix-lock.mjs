#!/usr/bin/env node
/**
 * Run after `npm install` has changed package-lock.json. npm leaves optional packages of other platforms
 * out of the lock file when it can't see them, and `npm ci` then refuses the file (EUSAGE). This writes
 * the missing entries: what a platform package is for stands in its name.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project-root.mjs";

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"];

const file = join(projectRoot, "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));

/**
 * @typedef {{ version?: string, optional?: boolean, dev?: boolean, devOptional?: boolean,
 *   optionalDependencies?: Record<string, string> }} Entry
 */

/** @type {Record<string, Entry>} */
const packages = lock.packages;

let written = 0;
for (const [path, owner] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    if (`${path}/node_modules/${name}` in packages || `node_modules/${name}` in packages) continue;
    packages[`node_modules/${name}`] = entry(name, version, owner);
    written += 1;
  }
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${written} entries written to package-lock.json`);

/** @param {string} name @param {string} version @param {Entry} owner */
function entry(name, version, { dev, devOptional }) {
  const words = name.split(/[/-]/);
  const os = words.find((word) => systems.includes(word));
  const cpu = words.find((word) => processors.includes(word));
  if (!os || !cpu || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${name}@${version}: can't tell its platform; add it to package-lock.json by hand`);
  }
  const libc = /-musl/.test(name) ? ["musl"] : /-gnu/.test(name) ? ["glibc"] : undefined;
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : devOptional ? { devOptional } : {}),
    ...(libc ? { libc } : {}),
    optional: true,
    os: [os],
  };
}
