import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isInside, nextOpening, type Window, WindowTimes, windowOf } from "../../src/campaign/window.ts";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
/** Midnight in Shanghai, which keeps no summer time. */
const midnight = Date.parse("2031-03-04T00:00:00+08:00");

const minuteOfDay = fc.integer({ min: 0, max: 1_439 });
const anyWindow: fc.Arbitrary<Window> = fc
  .record({ from: minuteOfDay, to: minuteOfDay })
  .filter(({ from, to }) => from !== to);
const anyMoment = fc.integer({ min: midnight, max: midnight + 40 * dayMs });

/** How long a window is open each day. */
const lengthOf = ({ from, to }: Window) => ((to - from + 1_440) % 1_440) * minuteMs;

describe("a window", () => {
  test("is open exactly as long a day as from `from` to `to`, and every day the same", () => {
    fc.assert(
      fc.property(anyWindow, anyMoment, (window, now) => {
        const opensAt = midnight + window.from * minuteMs;
        const sinceOpening = (((now - opensAt) % dayMs) + dayMs) % dayMs;
        expect(isInside(window, now)).toBe(sinceOpening < lengthOf(window));
        expect(isInside(window, now + dayMs)).toBe(isInside(window, now));
      }),
    );
  });

  test("has what the window of the other times has not", () => {
    fc.assert(
      fc.property(anyWindow, anyMoment, ({ from, to }, now) => {
        expect(isInside({ from, to }, now)).toBe(!isInside({ from: to, to: from }, now));
      }),
    );
  });

  test("opens next at a moment that is inside, no moment before it being so, within a day", () => {
    fc.assert(
      fc.property(anyWindow, anyMoment, fc.nat(dayMs), (window, now, earlier) => {
        const opensAt = nextOpening(window, now);
        expect(isInside(window, opensAt)).toBe(true);
        expect(opensAt - now).toBeLessThanOrEqual(dayMs - lengthOf(window));
        if (opensAt === now) return;
        expect(isInside(window, opensAt - 1)).toBe(false);
        expect(isInside(window, Math.max(now, opensAt - earlier - 1))).toBe(false);
      }),
    );
  });
});

describe("a window as people write it", () => {
  test("is read in minutes", () => {
    expect(windowOf(WindowTimes.parse({ from: "09:05", to: "00:00" }))).toEqual({ from: 545, to: 0 });
  });

  test.each([
    [{ from: "9:00", to: "21:00" }],
    [{ from: "09:00", to: "24:00" }],
    [{ from: "09:00", to: "09:00" }],
    [{ from: "09:00" }],
    [{ from: "09:00", to: "21:00", zone: "UTC" }],
  ])("%j is none", (times) => {
    expect(WindowTimes.safeParse(times).success).toBe(false);
  });
});
