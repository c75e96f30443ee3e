import type { Context } from "hono";
import { inTime } from "./in-time.ts";

const PATIENCE_MS = 2_000;

export type Health = {
  /** Rejects, or never settles, while Redis is away. */
  ping(): Promise<unknown>;
  countWorkers(): Promise<number>;
};

export function createHealthHandlers({ ping, countWorkers }: Health) {
  return {
    /** Alive: the process answers, whatever Redis does. */
    alive(c: Context) {
      return c.json({ status: "ok" });
    },

    /** The same, and whether Redis answers: a worker waits for it, and to start it anew would not help. */
    async aliveWithRedis(c: Context) {
      return c.json({ status: "ok", redis: (await settled(ping())) ? "ok" : "away" });
    },

    /** Ready: Redis answers. `workers` is null when they can't be counted; none is no reason to be unready. */
    async ready(c: Context) {
      const [redis, workers] = await Promise.all([settled(ping()), settled(countWorkers())]);
      if (!redis) return c.json({ status: "unavailable", redis: "away", workers: null }, 503);
      return c.json({ status: "ok", redis: "ok", workers: workers?.value ?? null });
    },
  };
}

/** The value in a box; undefined when the promise rejects or takes longer than a probe waits. */
async function settled<Value>(promise: Promise<Value>): Promise<{ value: Value } | undefined> {
  return inTime(promise, PATIENCE_MS).then(
    (value) => ({ value }),
    () => undefined,
  );
}
