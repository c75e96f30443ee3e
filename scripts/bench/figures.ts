/** Runs of each measurement; what is printed is their median. */
const RUNS = 3;

/**
 * The median of each figure over several runs. What is to be compared is measured in the same run, one right
 * after the other, since a shared machine is now fast and now slow.
 */
export async function mediansOf<Figure extends string>(
  run: (index: number) => Promise<Record<Figure, number>>,
): Promise<Record<Figure, number>> {
  const runs: Record<Figure, number>[] = [];
  for (let index = 0; index < RUNS; index++) runs.push(await run(index));
  const names = Object.keys(runs[0] ?? {}) as Figure[];
  const medians = names.map((name) => [name, median(runs.map((figures) => figures[name]))]);
  return Object.fromEntries(medians) as Record<Figure, number>;
}

/** The one in the middle. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** A line of figures with what is asked of one of them, and whether it keeps to that. */
export function judged(line: object, figure: string, is: "<=" | ">=", limit: number): object {
  const value = Number((line as Record<string, unknown>)[figure]);
  const reached = is === "<=" ? value <= limit : value >= limit;
  return { ...line, aim: `${figure} ${is} ${limit}`, reached };
}

/** Tells who waits what is being measured; stdout is for the figures. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
