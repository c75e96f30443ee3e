import { Redis } from "ioredis";
import { describe, expect, inject, test } from "vitest";
import { createSkewMeter, openClockWatch, type Skew } from "../../src/store/redis-clock.ts";
import { until } from "../support/until.ts";

/** A clock so far ahead of the machine's, and Redis'. */
const ahead = (ms: number) => ({ now: () => Date.now() + ms });

async function measure(aheadMs: number): Promise<Skew> {
  const redis = new Redis(inject("redisUrl"));
  try {
    await redis.ping();
    return await createSkewMeter(redis, ahead(aheadMs))();
  } finally {
    await redis.quit();
  }
}

describe("the skew", () => {
  test.each([0, 1_500, -1_500])("of a clock that is %i ms ahead of Redis is none to speak of", async (ms) => {
    const { skewMs, isOff } = await measure(ms);
    expect(Math.abs(skewMs - ms)).toBeLessThan(1_000);
    expect(isOff).toBe(false);
  });

  test.each([3_000, -3_000, 120_000, -86_400_000])("of a clock that is %i ms ahead is told", async (ms) => {
    const { skewMs, isOff } = await measure(ms);
    expect(Math.abs(skewMs - ms)).toBeLessThan(1_000);
    expect(isOff).toBe(true);
  });

  test("is not what the network takes: half the round trip is taken off, and not held against it", async () => {
    let now = 1_000_000;
    // It takes four seconds, and Redis looks at its clock half-way.
    const time = async (): Promise<[number, number]> => {
      now += 4_000;
      return [1_002, 0];
    };
    const skew = createSkewMeter({ time } as never, { now: () => now });
    expect(await skew()).toEqual({ skewMs: 0, isOff: false });
    // Which half was the slower is not known: so much is in doubt.
    now = 1_000_000 + 3_900;
    const time2 = async (): Promise<[number, number]> => {
      now += 4_000;
      return [1_002, 0];
    };
    expect(await createSkewMeter({ time: time2 } as never, { now: () => now })()).toEqual({
      skewMs: 3_900,
      isOff: false,
    });
  });
});

describe("the watch", () => {
  const sentence = "The clock of this process differs from that of Redis";
  const off: Skew = { skewMs: 2_500, isOff: true };
  const right: Skew = { skewMs: 3, isOff: false };

  /** A watch that meets these answers, one after the other, the last for ever; what it said, in order. */
  function watch(...answers: (Skew | Error)[]) {
    const said: unknown[] = [];
    let asked = 0;
    const measure = async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer;
    };
    const warn = (fields: object, message: string) => said.push({ ...fields, message });
    const { close } = openClockWatch(measure, { warn } as never, 5);
    return { said, asked: () => asked, close };
  }

  test("says at start, and again as long as it lasts, how far off the clock is", async () => {
    const { said, close } = watch(off);
    await until(() => said.length >= 3);
    await close();
    expect(new Set(said.map((line) => JSON.stringify(line)))).toEqual(
      new Set([JSON.stringify({ skewMs: 2_500, message: sentence })]),
    );
  });

  test("says nothing of a clock that is right, or right again, or of a Redis that is away", async () => {
    const { said, asked, close } = watch(right, new Error("away"), off, right);
    await until(() => asked() >= 8);
    await close();
    expect(said).toEqual([{ skewMs: 2_500, message: sentence }]);
  });

  test("looks no more once it is closed", async () => {
    const { asked, close } = watch(right);
    await until(() => asked() >= 2);
    await close();
    const before = asked();
    const other = watch(right);
    await until(() => other.asked() >= 4);
    await other.close();
    expect(asked()).toBe(before);
  });
});
