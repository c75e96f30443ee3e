import type { Clock } from "../clock.ts";
import { beijingDay, beijingMonth } from "./beijing.ts";

/** Counts by name within the running period and forgets everything when the next one begins. */
function createCounters(clock: Clock, periodOf: (at: number) => string | number) {
  let current = periodOf(clock.now());
  const counts = new Map<string, number>();
  const turn = () => {
    const now = periodOf(clock.now());
    if (now === current) return;
    current = now;
    counts.clear();
  };
  return {
    /** How often the name was counted, this time included. */
    add(name: string): number {
      turn();
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return count;
    },
    get(name: string): number {
      turn();
      return counts.get(name) ?? 0;
    },
    /** Takes back one that was counted at that moment, if its period still runs. */
    takeBack(name: string, at: number): void {
      turn();
      if (periodOf(at) === current) counts.set(name, (counts.get(name) ?? 1) - 1);
    },
    clear: (): void => counts.clear(),
    list: (): Readonly<Record<string, number>> => {
      turn();
      return Object.fromEntries(counts);
    },
  };
}

export type Quotas = ReturnType<typeof createQuotas>;

/**
 * The counters of one account (WECHAT.md section 5). `calls` are those of each API, by calendar day of
 * Beijing, which clear_quota clears; `day` and `month` hold what it leaves alone: messages that were sent.
 */
export function createQuotas(clock: Clock) {
  return {
    calls: createCounters(clock, beijingDay),
    day: createCounters(clock, beijingDay),
    month: createCounters(clock, beijingMonth),
    minute: createCounters(clock, (at) => Math.floor(at / 60_000)),
  };
}
