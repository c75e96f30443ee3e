import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { projectRoot } from "../../scripts/project-root.mjs";

/** Without `input` nothing comes from the standard input; `null` leaves it open, as a terminal is. */
type Options = { env?: Readonly<Record<string, string>>; input?: string | null };

/** Starts `qunfa` as a shell would: the file that package.json names, with this environment and nothing beside. */
export function startQunfa(args: readonly string[], { env = {}, input = "" }: Options = {}) {
  const child = spawn(join(projectRoot, "dist/src/cli/main.js"), args, {
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  child.stdin.on("error", () => {});
  if (input !== null) child.stdin.end(input);
  const ended = once(child, "close");
  return { child, ended };
}

/** Runs it to its end. */
export async function runQunfa(args: readonly string[], options: Options = {}) {
  const { child, ended } = startQunfa(args, options);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code: child.exitCode, stdout, stderr };
}
