import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { printLine } from "../print-line.ts";
import { projectRoot } from "../project-root.mjs";
import { runScript } from "../script-life.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";

/** Lives that the model tests draw: a mutant is to be met whatever the seed. */
const MODEL_RUNS = "200";
const PATIENCE = "--testTimeout=600000";

/**
 * Shows that the tests of the promises can fail: in a copy of the project each rule of `mutants.ts` is broken,
 * one at a time, and its tests are run. A mutant that no test sees is a survivor, and the exit code 1.
 * Words on the command line choose the mutants in whose sentence or promise they stand.
 */
await runScript(async (life) => {
  const words = process.argv.slice(2).map((word) => word.toLowerCase());
  const chosen = mutants.filter(({ says, promise }) =>
    words.every((word) => `${says} ${promise}`.toLowerCase().includes(word)),
  );
  const copy = mkdtempSync(join(tmpdir(), "qunfa-mutants-"));
  life.onEnd(() => rmSync(copy, { recursive: true, force: true }));
  copyProject(copy);

  const sound = await passes(copy, [...new Set(chosen.flatMap(({ tests }) => tests))]);
  if (!sound) throw new Error("The tests fail before anything is broken.");
  let survivors = 0;
  for (const mutant of chosen) {
    const survived = await survives(copy, mutant);
    if (survived) survivors += 1;
    const { promise, says, file, tests } = mutant;
    printLine({ mutant: says, promise, file, tests, result: survived ? "survived" : "seen" });
  }
  printLine({ mutants: chosen.length, seen: chosen.length - survivors, survivors });
  if (survivors > 0) process.exitCode = 1;
});

function copyProject(to: string): void {
  const left = new Set(["node_modules", "dist", ".git", ".data"]);
  cpSync(projectRoot, to, { recursive: true, filter: (path) => !left.has(basename(path)) });
  symlinkSync(join(projectRoot, "node_modules"), join(to, "node_modules"));
}

async function survives(copy: string, { file, from, to, tests }: Mutant): Promise<boolean> {
  const path = join(copy, file);
  const whole = readFileSync(path, "utf8");
  if (whole.split(from).length !== 2) throw new Error(`not there once, in ${file}: ${from}`);
  writeFileSync(
    path,
    whole.replace(from, () => to),
  );
  try {
    return await passes(copy, tests);
  } finally {
    writeFileSync(path, whole);
  }
}

async function passes(copy: string, tests: readonly string[]): Promise<boolean> {
  const vitest = join("node_modules", "vitest", "vitest.mjs");
  // Stories run what is built.
  const commands = tests.some((test) => test.startsWith("test/story/")) ? [["scripts/build.mjs"]] : [];
  for (const args of [...commands, [vitest, "run", "--bail=1", PATIENCE, ...tests]]) {
    const child = spawn(process.execPath, args, {
      cwd: copy,
      stdio: "ignore",
      env: { ...process.env, MODEL_RUNS },
    });
    const [code] = await once(child, "exit");
    if (code !== 0) return false;
  }
  return true;
}
