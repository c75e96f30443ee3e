import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project-root.mjs";

/** @typedef {{ version?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} Entry */

/** Whether node_modules holds what package-lock.json asks for on this platform. */
export function packagesAreFresh() {
  const wanted = entries("package-lock.json");
  const present = entries("node_modules/.package-lock.json");
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || (entry.optional && !madeForHere(entry))) return true;
    return present[path]?.version === entry.version && existsSync(join(projectRoot, path, "package.json"));
  });
}

/** Installs exactly what package-lock.json says, development packages too. Throws with npm's own words. */
export function installPackages() {
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  // npm tells its scripts where it lives: the same npm is used again, on every platform.
  const npm = process.env.npm_execpath;
  const { status, error, stdout, stderr } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: projectRoot, encoding: "utf8" })
    : spawnSync("npm", args, { cwd: projectRoot, encoding: "utf8", shell: process.platform === "win32" });
  if (status !== 0) throw new Error(`npm ci failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}

/** @param {string} file @returns {Record<string, Entry>} */
function entries(file) {
  try {
    return JSON.parse(readFileSync(join(projectRoot, file), "utf8")).packages;
  } catch {
    return {};
  }
}

/**
 * An optional package that names no platform may be missing: whether its build succeeds is its own affair.
 *
 * @param {Entry} entry
 */
function madeForHere({ os, cpu, libc }) {
  if (!os && !cpu) return false;
  return fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, libcOfHere());
}

/** @param {string[] | undefined} allowed @param {string} here */
function fits(allowed, here) {
  return allowed === undefined || allowed.includes(here);
}

function libcOfHere() {
  if (process.platform !== "linux") return "";
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return report.header.glibcVersionRuntime ? "glibc" : "musl";
}
