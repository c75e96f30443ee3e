import { DateTime } from "luxon";

/** WeChat counts its days and months in Beijing (CONTRACT section 3, WECHAT.md section 5). */
const ZONE = "Asia/Shanghai";

const at = (now: number) => DateTime.fromMillis(now, { zone: ZONE });

/** `2026-12-01`: the Shanghai day of a moment in milliseconds. */
export function dayOf(now: number): string {
  return at(now).toFormat("yyyy-MM-dd");
}

/** `2026-12`: the Shanghai month of a moment in milliseconds. */
export function monthOf(now: number): string {
  return at(now).toFormat("yyyy-MM");
}

/** The moment, in milliseconds, at which the next Shanghai day begins. */
export function nextDay(now: number): number {
  return at(now).startOf("day").plus({ days: 1 }).toMillis();
}

/** The moment, in milliseconds, at which the next Shanghai month begins. */
export function nextMonth(now: number): number {
  return at(now).startOf("month").plus({ months: 1 }).toMillis();
}

/** Until when the counters of a month such as `2026-12` are kept: the end of the month after it. */
export function capsKeptUntil(month: string): number {
  return DateTime.fromFormat(month, "yyyy-MM", { zone: ZONE }).plus({ months: 2 }).toMillis();
}

/** The moment, in milliseconds, at which a Shanghai day such as `2026-12-01` ends. */
export function endOfDay(day: string): number {
  return DateTime.fromISO(day, { zone: ZONE }).plus({ days: 1 }).toMillis();
}
