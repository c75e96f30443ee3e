import { performance } from "node:perf_hooks";
import { median } from "./figures.ts";

/**
 * Two rates, each time measured one right after the other, since a shared machine is now fast and now
 * slow. The ratio, how many times slower ours is, is the median of the pairs' own.
 */
export async function medianOfPairs(
  ours: (index: number) => Promise<number>,
  beside: (index: number) => Promise<number>,
  times: number,
) {
  const pairs: { ours: number; beside: number }[] = [];
  for (let index = 0; index < times; index++)
    pairs.push({ beside: await beside(index), ours: await ours(index) });
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    beside: median(pairs.map((pair) => pair.beside)),
    ratio: median(pairs.map((pair) => pair.beside / pair.ours)),
  };
}

/** How long a deed takes, in milliseconds. */
export async function timeOf(deed: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await deed();
  return performance.now() - startedAt;
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
