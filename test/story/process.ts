import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { projectRoot } from "../../scripts/project-root.mjs";
import { until } from "../support/until.ts";

export type LogLine = { readonly level?: number; readonly msg?: string; readonly [field: string]: unknown };
export type Running = ReturnType<typeof startProcess>;

/** Starts `node dist/<main>` with this environment and nothing of ours beside it. */
export function startProcess(main: string, env: Record<string, string>, args: readonly string[] = []) {
  const child = spawn(process.execPath, [join(projectRoot, main), ...args], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exited = once(child, "close").then(() => ({ code: child.exitCode, signal: child.signalCode }));

  const lines = (): LogLine[] =>
    stdout.split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return [];
      }
    });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  return {
    pid: child.pid,
    lines,
    output: () => stdout + stderr,
    stderr: () => stderr,
    exited,
    hasEnded,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** The log line with this sentence, once it is there. */
    async says(sentence: string, timeoutMs = 20_000): Promise<LogLine> {
      return until(
        () => {
          const line = lines().find(({ msg }) => msg === sentence);
          if (!line && hasEnded()) throw new Error(`${main} ended: ${stdout}${stderr}`);
          return line;
        },
        {
          timeoutMs,
          describe: () => `${main} says "${sentence}"; it said ${stdout.slice(-500)}${stderr.slice(-500)}`,
        },
      );
    },
    async stop(): Promise<void> {
      if (!hasEnded()) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
      await exited;
      clearTimeout(timer);
    },
  };
}
