import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayOf, endOfDay, monthOf, nextDay, nextMonth } from "../../src/campaign/calendar.ts";

const at = (moment: string) => new Date(moment).getTime();

describe("days and months are Shanghai's", () => {
  test.each([
    ["2031-03-04T15:59:59.999Z", "2031-03-04", "2031-03", "2031-03-04T16:00:00Z", "2031-03-31T16:00:00Z"],
    ["2031-03-04T16:00:00.000Z", "2031-03-05", "2031-03", "2031-03-05T16:00:00Z", "2031-03-31T16:00:00Z"],
    ["2031-03-31T15:59:59.999Z", "2031-03-31", "2031-03", "2031-03-31T16:00:00Z", "2031-03-31T16:00:00Z"],
    ["2031-03-31T16:00:00.000Z", "2031-04-01", "2031-04", "2031-04-01T16:00:00Z", "2031-04-30T16:00:00Z"],
    ["2031-12-31T15:59:59.999Z", "2031-12-31", "2031-12", "2031-12-31T16:00:00Z", "2031-12-31T16:00:00Z"],
    ["2031-12-31T16:00:00.000Z", "2032-01-01", "2032-01", "2032-01-01T16:00:00Z", "2032-01-31T16:00:00Z"],
    ["2032-02-28T16:00:00.000Z", "2032-02-29", "2032-02", "2032-02-29T16:00:00Z", "2032-02-29T16:00:00Z"],
  ])("%s", (moment, day, month, tomorrow, thisMonthsEnd) => {
    const now = at(moment);
    expect(dayOf(now)).toBe(day);
    expect(monthOf(now)).toBe(month);
    expect(nextDay(now)).toBe(at(tomorrow));
    expect(endOfDay(day)).toBe(at(tomorrow));
    expect(nextMonth(now)).toBe(at(thisMonthsEnd));
  });
});

test("the next day begins within 24 h and is another day, its last millisecond is not", () => {
  const moment = fc.integer({ min: at("2020-01-01T00:00:00Z"), max: at("2060-01-01T00:00:00Z") });
  fc.assert(
    fc.property(moment, (now) => {
      const next = nextDay(now);
      expect(next - now).toBeGreaterThan(0);
      expect(next - now).toBeLessThanOrEqual(86_400_000);
      expect(dayOf(next - 1)).toBe(dayOf(now));
      expect(endOfDay(dayOf(now))).toBe(next);
      expect(dayOf(next)).not.toBe(dayOf(now));
      expect(monthOf(nextMonth(now) - 1)).toBe(monthOf(now));
      expect(monthOf(nextMonth(now))).not.toBe(monthOf(now));
    }),
  );
});
