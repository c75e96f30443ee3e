import { env } from "node:process";
import type { Parameters } from "fast-check";
import { Redis } from "ioredis";
import { inject, vi } from "vitest";
import { loadScripts } from "../support/redis-commands.ts";

/** A life that takes longer than this is stuck. */
const RUN_MS = 20_000;
const WHOLE_MS = 90_000;

/** Of a shrunk sequence of commands: which of them are left. */
export const replayPath = env.MODEL_REPLAY ? { replayPath: env.MODEL_REPLAY } : {};

/**
 * How often a property is tried, and the very run that a failure has printed:
 * `MODEL_SEED=… MODEL_PATH=… MODEL_REPLAY=… npx vitest run test/model`; `MODEL_RUNS=2000` looks longer.
 */
export function howOften<Of>(runs: number): Parameters<Of> {
  const { MODEL_RUNS, MODEL_SEED, MODEL_PATH } = env;
  return {
    numRuns: Number(MODEL_RUNS ?? runs),
    timeout: RUN_MS,
    // A failure is told in time, shrunk as far as it is by then.
    interruptAfterTimeLimit: MODEL_RUNS ? Number(MODEL_RUNS) * RUN_MS : WHOLE_MS,
    ...(MODEL_SEED && { seed: Number(MODEL_SEED) }),
    ...(MODEL_PATH && { path: MODEL_PATH, endOnFailure: true }),
  };
}

/** Whatever is not drawn is the same at every run: no jitter, and no script that Redis wants sent once more. */
export async function makeReplayable(): Promise<void> {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const redis = new Redis(inject("redisUrl"));
  await loadScripts(redis);
  await redis.quit();
}
