import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { hasApt, installWithApt } from "./apt.mjs";

const folder = "/usr/lib";

/** Where libfaketime is, by which tests let a process live through a midnight; undefined where it is not. */
export function findFaketime() {
  const places = existsSync(folder) ? readdirSync(folder) : [];
  return places.map((place) => join(folder, place, "faketime/libfaketimeMT.so.1")).find(existsSync);
}

/** Tests that need it are skipped where it can't be had, and say so. */
export function installFaketime() {
  if (!hasApt()) return;
  console.log("Installing libfaketime for tests (apt) …");
  try {
    installWithApt("libfaketime");
  } catch (error) {
    console.log(`Tests that need it are skipped: ${error instanceof Error ? error.message : error}`);
  }
}
