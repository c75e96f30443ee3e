import { performance } from "node:perf_hooks";

/** Runs of each measurement; what is printed is their median. */
const RUNS = 3;

/** The median of several runs, each of which says how long it took, or how many it did a second. */
export async function medianOf(run: (index: number) => Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let index = 0; index < RUNS; index++) figures.push(await run(index));
  return figures.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN;
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
