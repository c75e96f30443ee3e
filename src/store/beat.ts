import { z } from "zod";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

const BeatReply = z.tuple([z.number(), z.enum(["", "restored", "stale"])]);

/**
 * The beat of all workers: a number in Redis that only rises, and when it last did. Who finds it lower than
 * it was, or stopped for long, may have an older backup before him (`workers/beat.ts`).
 */
export function createBeat(redis: RedisClient, keys: Keys) {
  const beatScript = createScript(redis, "beat", BeatReply);
  const endAlarmScript = createScript(redis, "end-alarm", z.literal("ended"));

  return {
    /** Raises the number. What it is measured by: see `lua/beat.lua`. */
    async beat(known: { floor: number; newest: number; staleMs: number }, now: number) {
      const [count, alarm] = await beatScript([keys.beat], [now, known.floor, known.newest, known.staleMs]);
      return { count, alarm: alarm === "" ? undefined : alarm };
    },

    endAlarm: () => endAlarmScript([keys.beat], []),

    /** Until when the data that was found at the last alarm had been alive; 0 where there was none. */
    async restoredFrom(): Promise<number> {
      return Number((await redis.hget(keys.beat, "restoredFrom")) ?? 0);
    },
  };
}

export type BeatStore = ReturnType<typeof createBeat>;
