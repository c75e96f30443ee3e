import type { Range } from "./settings.ts";

export type Draw = ReturnType<typeof createDraw>;

/** Whole numbers between the ends of a range, the same series for the same seed (mulberry32). */
export function createDraw(seed: number) {
  let state = seed;
  return ([from, to]: Range): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const fraction = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    return from + Math.floor(fraction * (to - from + 1));
  };
}
