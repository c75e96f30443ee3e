import { z } from "zod";

/** What a series may grow by from the second quarter of a run to the last: so many times, or so much. */
export const Allowance = z.object({ times: z.number().min(1), atLeast: z.number().nonnegative() });
export type Allowance = z.infer<typeof Allowance>;

/** Fewer samples tell nothing: each quarter must have some. */
const SAMPLES_MIN = 8;

/**
 * Whether a series is level: the median of its last quarter against that of its second one. The first is the
 * warm-up, in which caches fill, code is compiled and streams reach their length.
 */
export function judgeLevel(series: readonly number[], { times, atLeast }: Allowance) {
  const quarter = Math.floor(series.length / 4);
  const before = median(series.slice(quarter, 2 * quarter));
  const after = median(series.slice(series.length - quarter));
  const most = Math.max(before * times, before + atLeast);
  return { before, after, most, level: series.length >= SAMPLES_MIN && after <= most };
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
