import type { Context } from "hono";
import { z } from "zod";
import { inTime } from "./in-time.ts";
import { RETRY_AFTER_SECONDS } from "./problem.ts";
import { AnyQuery } from "./query.ts";
import { documented } from "./route.ts";

const PATIENCE_MS = 2_000;

export type Health = {
  /** Rejects, or never settles, while Redis is away. */
  ping(): Promise<unknown>;
  countWorkers(): Promise<number>;
};

const AliveView = z.object({ status: z.literal("ok") });
const ReadyView = z.object({
  status: z.literal("ok"),
  redis: z.literal("ok"),
  workers: z
    .int()
    .nonnegative()
    .nullable()
    .describe("Null when they can't be counted; none is no reason to be unready."),
});
const UnreadyView = z.object({
  status: z.literal("unavailable"),
  redis: z.literal("away"),
  workers: z.null(),
});

export function createHealthHandlers({ ping, countWorkers }: Health) {
  return {
    alive: documented(
      {
        id: "getHealth",
        summary: "Tells that the process answers, whatever Redis does.",
        tag: "Operation",
        query: AnyQuery,
        answers: { 200: AliveView },
      },
      (c) => c.json({ status: "ok" }),
    ),

    /** The same, and whether Redis answers: a worker waits for it, and to start it anew would not help. */
    async aliveWithRedis(c: Context) {
      return c.json({ status: "ok", redis: (await settled(ping())) ? "ok" : "away" });
    },

    ready: documented(
      {
        id: "getReadiness",
        summary: "Tells whether Redis answers, and how many workers there are.",
        tag: "Operation",
        query: AnyQuery,
        answers: { 200: ReadyView, 503: UnreadyView },
      },
      async (c) => {
        const [redis, workers] = await Promise.all([settled(ping()), settled(countWorkers())]);
        if (!redis) {
          c.header("Retry-After", String(RETRY_AFTER_SECONDS));
          return c.json({ status: "unavailable", redis: "away", workers: null }, 503);
        }
        return c.json({ status: "ok", redis: "ok", workers: workers?.value ?? null });
      },
    ),
  };
}

/** The value in a box; undefined when the promise rejects or takes longer than a probe waits. */
async function settled<Value>(promise: Promise<Value>): Promise<{ value: Value } | undefined> {
  return inTime(promise, PATIENCE_MS).then(
    (value) => ({ value }),
    () => undefined,
  );
}
