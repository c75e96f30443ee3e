import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Failure } from "../../src/failure.ts";
import { projectRoot } from "../project-root.mjs";

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 30_000;
const TOLD_WITHIN_MS = 20_000;

const Memory = z.object({ rss: z.number(), heapUsed: z.number() });
export type Memory = z.infer<typeof Memory>;

export type Child = ReturnType<typeof openChild>;

/** A process of the product with its log in a file, which tells its memory when it is asked (`probe.ts`). */
export function openChild(options: { name: string; main: string; dir: string; env: NodeJS.ProcessEnv }) {
  const { name, main, dir, env } = options;
  const logFile = join(dir, `${name}.log`);
  const log = openSync(logFile, "a");
  const probe = join(projectRoot, "dist/scripts/soak/probe.js");
  const child = spawn(process.execPath, ["--expose-gc", "--import", probe, join(projectRoot, "dist", main)], {
    env,
    stdio: ["ignore", log, log, "ipc"],
  });
  const stopAtExit = () => child.kill("SIGTERM");
  process.once("exit", stopAtExit);
  const exited = once(child, "exit").finally(() => process.off("exit", stopAtExit));

  return {
    name,
    /** @throws Failure INTERNAL when it has ended, or does not answer. */
    async memory(): Promise<Memory> {
      const signal = AbortSignal.timeout(TOLD_WITHIN_MS);
      try {
        const told = once(child, "message", { signal });
        child.send("memory");
        return Memory.parse((await told)[0]);
      } catch (cause) {
        throw new Failure("INTERNAL", `The ${name} tells nothing of its memory; its log: ${logFile}`, {
          cause,
        });
      }
    },
    async ready(url: string, enough = (_body: { workers: number }) => true): Promise<void> {
      for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await sleep(100)) {
        if (hasEnded(child)) break;
        const answer = await fetch(url).catch(() => undefined);
        if (answer?.ok && enough((await answer.json()) as { workers: number })) return;
      }
      throw new Failure("BAD_CONFIG", `The ${name} does not get ready; its log: ${logFile}`);
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
