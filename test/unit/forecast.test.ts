import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forecast, type Outlook, type Sender } from "../../src/campaign/forecast.ts";
import { BEIJING, DAY, MINUTE, SECOND, simulate } from "./forecast-model.ts";

/** A moment of 2 March 2026 in Shanghai, or of a later day. */
const at = (time: string, day = 2) =>
  new Date(`2026-03-${String(day).padStart(2, "0")}T${time}+08:00`).getTime();
const noon = at("12:00:00");

/** The model looks no further. */
const HORIZON = 3 * DAY;

const free: Outlook = {
  blockedUntil: 0,
  sends: { left: 100, perDay: 100 },
  minute: { takenAt: [], limit: 50 },
  others: [],
};

/** `from` and `to` in hours. */
const hours = (from: number, to: number) => ({ from: from * 60, to: to * 60 });

/** So many times the same moment. */
const times = (count: number, moment: number | null) => new Array<number | null>(count).fill(moment);

describe("a forecast", () => {
  test("sends everything at once where nothing is in the way", () => {
    expect(forecast({ batches: 3 }, free, noon)).toEqual([noon, noon, noon]);
  });

  test("of nothing is empty", () => {
    expect(forecast({ batches: 0 }, free, noon)).toEqual([]);
  });

  test("fills the minute, and the next 60 seconds later", () => {
    const minute = { takenAt: [noon - 10 * SECOND, noon - 59 * SECOND], limit: 3 };
    expect(forecast({ batches: 5 }, { ...free, minute }, noon)).toEqual([
      noon,
      noon + SECOND,
      noon + 50 * SECOND,
      noon + MINUTE,
      noon + MINUTE + SECOND,
    ]);
  });

  test("waits where more calls than the limit were made in the last minute", () => {
    const takenAt = [50, 40, 30, 20].map((ago) => noon - ago * SECOND);
    const outlook = { ...free, minute: { takenAt, limit: 2 } };
    expect(forecast({ batches: 1 }, outlook, noon)).toEqual([noon + 30 * SECOND]);
  });

  test("goes on at Shanghai's midnight when the day's calls are spent", () => {
    const outlook = { ...free, sends: { left: 2, perDay: 4 } };
    expect(forecast({ batches: 7 }, outlook, noon)).toEqual([
      ...times(2, noon),
      ...times(4, at("00:00:00", 3)),
      ...times(1, at("00:00:00", 4)),
    ]);
  });

  test("makes no call in the last 3 seconds before midnight", () => {
    expect(forecast({ batches: 1 }, free, at("23:59:56.999"))).toEqual([at("23:59:56.999")]);
    expect(forecast({ batches: 1 }, free, at("23:59:57"))).toEqual([at("00:00:00", 3)]);
  });

  test("waits for the start, and then for the window", () => {
    const ours = { batches: 1, window: hours(9, 21) };
    expect(forecast(ours, free, noon)).toEqual([noon]);
    expect(forecast(ours, free, at("21:00:00"))).toEqual([at("09:00:00", 3)]);
    expect(forecast({ ...ours, startAt: at("08:00:00", 5) }, free, noon)).toEqual([at("09:00:00", 5)]);
    expect(forecast({ ...ours, startAt: at("10:00:00", 5) }, free, noon)).toEqual([at("10:00:00", 5)]);
  });

  test("goes through midnight in a window that spans it", () => {
    const outlook = { ...free, sends: { left: 1, perDay: 1 } };
    const ours = { batches: 3, window: hours(22, 2) };
    expect(forecast(ours, outlook, noon)).toEqual([at("22:00:00"), at("00:00:00", 3), at("00:00:00", 4)]);
  });

  test("sends nothing at the deadline or after it", () => {
    const outlook = { ...free, minute: { takenAt: [], limit: 1 } };
    const ours = { batches: 3, deadline: noon + MINUTE };
    expect(forecast(ours, outlook, noon)).toEqual([noon, null, null]);
    expect(forecast({ ...ours, deadline: noon + MINUTE + 1 }, outlook, noon)).toEqual([
      noon,
      noon + MINUTE,
      null,
    ]);
    expect(forecast({ ...ours, deadline: noon }, outlook, noon)).toEqual([null, null, null]);
  });

  test("sends nothing when the deadline comes before the window opens", () => {
    const ours = { batches: 1, window: hours(14, 15), deadline: at("14:00:00") };
    expect(forecast(ours, free, noon)).toEqual([null]);
  });

  test("waits until WeChat's stop of the account is over, and for good while a person has paused it", () => {
    const later = at("12:40:00");
    expect(forecast({ batches: 2 }, { ...free, blockedUntil: later }, noon)).toEqual([later, later]);
    expect(forecast({ batches: 2 }, { ...free, blockedUntil: null }, noon)).toEqual([null, null]);
  });

  test("takes turns with the account's other campaigns, and is the last of each round", () => {
    const outlook = { ...free, minute: { takenAt: [], limit: 1 }, others: [{ batches: 1 }, { batches: 2 }] };
    const minutes = forecast({ batches: 4 }, outlook, noon).map((when) => ((when ?? 0) - noon) / MINUTE);
    expect(minutes).toEqual([2, 4, 5, 6]);
  });

  /** Drawn and shrunk when rounds that had gone before were made up for. */
  test("joins the round that is on when it comes later, and makes up for none", () => {
    const now = at("23:57:44");
    const others = [{ batches: 3, window: { from: 1, to: 0 } }];
    const outlook = { ...free, sends: { left: 0, perDay: 4 }, minute: { takenAt: [], limit: 2 }, others };
    const midnight = at("00:00:00", 3);
    const ours = { batches: 2, startAt: midnight + 61 * SECOND };
    expect(forecast(ours, outlook, now)).toEqual([midnight + 2 * MINUTE, at("00:00:00", 4)]);
    expect(simulate(ours, outlook, now, now + HORIZON)).toEqual(forecast(ours, outlook, now));
  });

  test("leaves the day's calls before our start to the others", () => {
    const outlook = { ...free, sends: { left: 3, perDay: 10 }, others: [{ batches: 3 }] };
    expect(forecast({ batches: 1, startAt: noon + MINUTE }, outlook, noon)).toEqual([at("00:00:00", 3)]);
  });

  test("does not wait for campaigns that may not send yet, nor for those that may no more", () => {
    const outlook = { ...free, minute: { takenAt: [], limit: 1 } };
    const next = forecast({ batches: 2 }, outlook, noon);
    const absent: Sender[] = [
      { batches: 9, startAt: noon + 2 * MINUTE },
      { batches: 9, window: hours(13, 14) },
      { batches: 9, deadline: noon },
    ];
    for (const other of absent)
      expect(forecast({ batches: 2 }, { ...outlook, others: [other] }, noon)).toEqual(next);
  });

  test("of 10,000 batches beside another 10,000 takes 200 days, and moments to work out", () => {
    const ours = { batches: 10_000, window: hours(9, 21) };
    const moments = forecast(ours, { ...free, others: [ours] }, noon);
    expect(new Set(moments.map((moment) => Math.floor(((moment ?? 0) + BEIJING) / DAY))).size).toBe(200);
  });
});

const whole = (min: number, max: number) => fc.integer({ min, max });
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });

/** A few minutes, more often than two days, in seconds. */
const ahead = fc.oneof({ arbitrary: whole(0, 400), weight: 3 }, whole(0, 2 * 86_400));

/** Minutes of the day, more often those just behind the draws' beginnings. */
const minuteOfDay = fc.oneof(
  { arbitrary: fc.constantFrom(0, 1, 2, 3, 720, 721, 722, 723, 1_439), weight: 3 },
  whole(0, 1_439),
);
const window = fc.record({ from: minuteOfDay, to: minuteOfDay }).filter(({ from, to }) => from !== to);

const sender = (now: number, most: number): fc.Arbitrary<Sender> =>
  fc.record({
    batches: whole(0, most),
    startAt: maybe(ahead.map((wait) => now + wait * SECOND)),
    deadline: maybe(ahead.map((wait) => now + 2 * wait * SECOND)),
    window: maybe(window),
  });

const outlook = (now: number): fc.Arbitrary<Outlook> =>
  fc.record({
    blockedUntil: fc.oneof(
      fc.constant(0),
      ahead.map((wait) => now + wait * SECOND),
    ),
    sends: fc.record({ left: whole(0, 20), perDay: whole(1, 8) }),
    minute: fc.record({
      takenAt: fc.array(
        whole(0, 59).map((ago) => now - ago * SECOND),
        { maxLength: 4 },
      ),
      limit: whole(1, 4),
    }),
    others: fc.array(sender(now, 6), { maxLength: 3 }),
  });

/** A campaign, its account's outlook, and now: noon, or shortly before midnight. */
const drawn = (most: number) =>
  fc
    .tuple(fc.constantFrom(noon, at("23:57:30")), whole(0, 140))
    .map(([begin, passed]) => begin + passed * SECOND)
    .chain((now) => fc.tuple(sender(now, most), outlook(now), fc.constant(now)));

type Drawn = [ours: Sender, outlook: Outlook, now: number];

function expectAsModel([ours, outlook, now]: Drawn): void {
  const model = simulate(ours, outlook, now, now + HORIZON);
  const known = forecast(ours, outlook, now).map((moment) =>
    moment !== null && moment < now + HORIZON ? moment : null,
  );
  expect(known).toEqual(model);
}

describe("any forecast", () => {
  test("says what a look at every second says", () => {
    fc.assert(fc.property(drawn(9), expectAsModel), { numRuns: 60 });
  }, 60_000);

  test("keeps quota, minute, window, start and deadline, and the order", () => {
    fc.assert(
      fc.property(drawn(60), ([ours, outlook, now]) => {
        const all = forecast(ours, outlook, now);
        expect(all).toHaveLength(ours.batches);
        const going = all.filter((moment) => moment !== null);
        expect(all.slice(0, going.length)).toEqual(going);
        expect(going).toEqual(going.toSorted((one, other) => one - other));

        const days = new Map<number, number>();
        for (const moment of going) {
          const time = (moment + BEIJING) % DAY;
          const day = moment + BEIJING - time;
          days.set(day, (days.get(day) ?? 0) + 1);
          expect(moment).toBeGreaterThanOrEqual(
            Math.max(now, ours.startAt ?? now, outlook.blockedUntil ?? 0),
          );
          if (ours.deadline !== undefined) expect(moment).toBeLessThan(ours.deadline);
          expect(time).toBeLessThan(DAY - 3 * SECOND);
          if (ours.window) {
            const [from, to] = [ours.window.from * MINUTE, ours.window.to * MINUTE];
            expect(from < to ? from <= time && time < to : from <= time || time < to).toBe(true);
          }
        }
        const today = now + BEIJING - ((now + BEIJING) % DAY);
        for (const [day, calls] of days)
          expect(calls).toBeLessThanOrEqual(day === today ? outlook.sends.left : outlook.sends.perDay);

        const calls = [...outlook.minute.takenAt, ...going];
        for (const moment of going) {
          const lately = calls.filter((call) => call > moment - MINUTE && call <= moment);
          const before = outlook.minute.takenAt.filter((call) => call > moment - MINUTE).length;
          expect(lately.length).toBeLessThanOrEqual(Math.max(outlook.minute.limit, before));
        }
      }),
    );
  });
});
