import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hasApt, takeFromPackage } from "./apt.mjs";
import { projectRoot } from "./project-root.mjs";

const ours = join(projectRoot, ".data/promtool");

/** Where promtool is, with which tests hold alert rules and metrics to Prometheus itself; undefined where it is not. */
export function findPromtool() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return [...folders.map((folder) => join(folder, "promtool")), ours].find(existsSync);
}

/** Of the package that brings a whole Prometheus with its service the one program. Tests are skipped without it. */
export function installPromtool() {
  if (!hasApt()) return;
  console.log("Fetching promtool for tests (apt) …");
  try {
    takeFromPackage("prometheus", "/usr/bin/promtool", ours);
  } catch (error) {
    console.log(`Tests that need it are skipped: ${error instanceof Error ? error.message : error}`);
  }
}
