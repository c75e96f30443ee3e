import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project-root.mjs";
import type { ScriptLife } from "./script-life.ts";

/** A new folder in .data/, so that two runs at once share nothing; it stays when the script did not go well, or is to `keep` it. */
export function openOwnFolder(life: ScriptLife, name: string, keep = false): string {
  mkdirSync(join(projectRoot, ".data"), { recursive: true });
  const dir = mkdtempSync(join(projectRoot, `.data/${name}-`));
  life.onEnd((wentWell) => {
    if (wentWell && !process.exitCode && !keep) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    else process.stderr.write(`Logs and data are kept in ${dir}\n`);
  });
  return dir;
}
