import type { Clock } from "../clock.ts";
import { beijingDay } from "./beijing.ts";

/** Calls a day that WeChat grants a new account (WECHAT.md section 5); of mass/send the settings decide. */
export const dailyCalls = {
  token: 2000,
  stable_token: 500_000,
  "user/get": 500,
  "user/info/batchget": 5_000_000,
};

/** Counts by name within the running period and forgets everything when the next one begins. */
function createCounters(period: () => string | number) {
  let current = period();
  const counts = new Map<string, number>();
  const turn = () => {
    if (period() === current) return;
    current = period();
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
  };
}

export type Quotas = ReturnType<typeof createQuotas>;

/** The counters of one account: by calendar day of Beijing and by clock minute. */
export function createQuotas(clock: Clock) {
  return {
    day: createCounters(() => beijingDay(clock.now())),
    minute: createCounters(() => Math.floor(clock.now() / 60_000)),
  };
}
