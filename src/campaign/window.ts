import { z } from "zod";
import { nextDay } from "./calendar.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as "08:00"');

/** A window as people write it: two times of day in Asia/Shanghai (CONTRACT sections 3 and 4). */
export const WindowTimes = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from !== to, "expected two different times");
export type WindowTimes = z.infer<typeof WindowTimes>;

/**
 * When calls may be made, in minutes of the Shanghai day: from the first millisecond of `from` to the last
 * before `to`. `from` > `to` spans midnight. `begin` keeps the same rule in Lua (`campaignGate`).
 */
export type Window = { readonly from: number; readonly to: number };

export function windowOf({ from, to }: WindowTimes): Window {
  return { from: minuteOf(from), to: minuteOf(to) };
}

/** The way back, for those who read it. */
export function timesOf({ from, to }: Window): WindowTimes {
  const text = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  return { from: text(from), to: text(to) };
}

export function isInside({ from, to }: Window, now: number): boolean {
  const [opens, closes, at] = [from * MINUTE_MS, to * MINUTE_MS, timeOf(now)];
  return opens > closes ? opens <= at || at < closes : opens <= at && at < closes;
}

/** The first moment, `now` or later and in milliseconds, that is inside the window. */
export function nextOpening(window: Window, now: number): number {
  if (isInside(window, now)) return now;
  const waitMs = window.from * MINUTE_MS - timeOf(now);
  return now + (waitMs >= 0 ? waitMs : waitMs + DAY_MS);
}

/** Milliseconds since the Shanghai day began. */
function timeOf(now: number): number {
  return DAY_MS - (nextDay(now) - now);
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
