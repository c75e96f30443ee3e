import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./alive.mjs";
import { projectRoot } from "./project-root.mjs";

const patienceMs = 600_000;

/**
 * Runs the deed while no other process of this checkout runs one under the same name. The lock is a
 * file with the holder's process id; that of a holder which has died is taken away.
 *
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} deed
 * @returns {Promise<T>}
 */
export async function withLock(name, deed) {
  const file = join(projectRoot, ".data", `${name}.lock`);
  mkdirSync(join(projectRoot, ".data"), { recursive: true });
  const deadline = Date.now() + patienceMs;
  while (!take(file)) {
    if (Date.now() > deadline) throw new Error(`${file} is held by a process that does not end; remove it`);
    await sleep(200);
  }
  try {
    return await deed();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A link appears with its content, so nobody ever reads a lock without an id. @param {string} file */
function take(file) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  const holder = read(file);
  if (holder !== undefined && !isAlive(Number(holder))) bury(file, holder);
  return false;
}

/**
 * Renamed first: of several that find the same dead holder one takes its lock away, and one that has by
 * then hit a newer lock puts that back.
 *
 * @param {string} file
 * @param {string} holder
 */
function bury(file, holder) {
  const grave = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, grave);
    if (read(grave) !== holder) linkSync(grave, file);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EEXIST") throw error;
  }
  rmSync(grave, { force: true });
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
