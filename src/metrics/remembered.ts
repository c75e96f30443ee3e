import type { Clock } from "../clock.ts";

type Keeping = {
  readonly clock: Clock;
  /** How long a value is given out without another look. */
  readonly freshMs: number;
  /** How long an older one is still given out, while the next is being read. */
  readonly staleMs?: number;
};

/** What takes long is read more rarely: a tenth of the time at most. */
const REST = 9;

/** What is under way is not begun again: whoever asks meanwhile gets what comes of it. */
export function oneAtATime<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let underWay: Promise<Value> | undefined;
  return () => {
    underWay ??= work().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

/** The same reading, however many ask for it: one at a time, and not again while its value is fresh. */
export function remembered<Value>(
  read: () => Promise<Value>,
  { clock, freshMs, staleMs = 0 }: Keeping,
): () => Promise<Value> {
  let last: { value: Value; at: number; restMs: number } | undefined;
  const readNow = oneAtATime(async () => {
    const begunAt = clock.now();
    const value = await read();
    const at = clock.now();
    last = { value, at, restMs: Math.max(freshMs, REST * (at - begunAt)) };
    return value;
  });

  return async () => {
    const ageMs = last ? clock.now() - last.at : Number.POSITIVE_INFINITY;
    if (last && ageMs < last.restMs) return last.value;
    const next = readNow();
    if (!last || ageMs >= staleMs) return next;
    next.catch(() => {});
    return last.value;
  };
}
