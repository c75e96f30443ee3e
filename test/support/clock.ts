import type { Clock } from "../../src/clock.ts";

/** A clock that stands still until it is told otherwise. */
export function createTestClock(start: string | number = "2026-03-02T10:00:00+08:00") {
  let nowMs = new Date(start).getTime();
  return {
    now: () => nowMs,
    /** Jumps to this moment, forwards or back. */
    set: (moment: string | number) => {
      nowMs = new Date(moment).getTime();
    },
    advance: (ms: number) => {
      nowMs += ms;
    },
  } satisfies Clock & Record<string, unknown>;
}
