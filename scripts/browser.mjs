import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { hasApt, installWithApt } from "./apt.mjs";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** Where a browser is that tests can drive; undefined where there is none. */
export function findBrowser() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

/** Tests that need it are skipped where it can't be had, and say so. */
export function installBrowser() {
  if (!hasApt()) return;
  console.log("Installing chromium for tests (apt) …");
  try {
    installWithApt("chromium");
  } catch (error) {
    console.log(`Tests in a browser are skipped: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
