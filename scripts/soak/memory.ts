import { once } from "node:events";
import { z } from "zod";
import { Failure } from "../../src/failure.ts";
import type { Child } from "../child.ts";

const TOLD_WITHIN_MS = 20_000;

const Memory = z.object({ rss: z.number(), heapUsed: z.number() });
export type Memory = z.infer<typeof Memory>;

/**
 * What a process holds, asked of its probe (`probe.ts`).
 * @throws Failure INTERNAL when it has ended, or does not answer.
 */
export async function memoryOf({ name, logFile, process }: Child): Promise<Memory> {
  const signal = AbortSignal.timeout(TOLD_WITHIN_MS);
  try {
    const told = once(process, "message", { signal });
    process.send("memory");
    return Memory.parse((await told)[0]);
  } catch (cause) {
    throw new Failure("INTERNAL", `The ${name} tells nothing of its memory; its log: ${logFile}`, { cause });
  }
}
