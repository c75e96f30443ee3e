import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../src/failure.ts";
import { projectRoot } from "./project-root.mjs";

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 30_000;

export type ChildOptions = {
  readonly name: string;
  /** What it runs, below dist/. */
  readonly main: string;
  /** Where its log is; what stands there already stays. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** What is loaded into it before its own main, below dist/; it may answer over a channel (`send`). */
  readonly probe?: string;
};

export type Child = ReturnType<typeof openChild>;

/** A process of the product with its log in a file. */
export function openChild({ name, main, dir, env, probe }: ChildOptions) {
  const logFile = join(dir, `${name}.log`);
  const log = openSync(logFile, "a");
  const probing = probe ? ["--expose-gc", "--import", join(projectRoot, "dist", probe)] : [];
  const child = spawn(process.execPath, [...probing, join(projectRoot, "dist", main)], {
    env,
    stdio: ["ignore", log, log, ...(probe ? (["ipc"] as const) : [])],
  });
  closeSync(log);
  const stopAtExit = () => child.kill("SIGTERM");
  process.once("exit", stopAtExit);
  const exited = once(child, "exit").then(() => {
    process.off("exit", stopAtExit);
    return { code: child.exitCode, signal: child.signalCode };
  });

  return {
    name,
    logFile,
    /** The process itself, for what is said over its channel. */
    process: child,
    exited,
    async ready(url: string, enough = (_body: { workers: number }) => true): Promise<void> {
      for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await sleep(100)) {
        if (hasEnded(child)) break;
        const answer = await fetch(url).catch(() => undefined);
        if (answer?.ok && enough((await answer.json()) as { workers: number })) return;
      }
      throw new Failure("BAD_CONFIG", `The ${name} does not get ready; its log: ${logFile}`);
    },
    /** SIGKILL; answers once it is gone. */
    async kill(): Promise<void> {
      child.kill("SIGKILL");
      await exited;
    },
    async close(): Promise<void> {
      if (!hasEnded(child)) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
