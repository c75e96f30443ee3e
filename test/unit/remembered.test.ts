import { expect, test } from "vitest";
import { oneAtATime, remembered } from "../../src/metrics/remembered.ts";
import { createTestClock } from "../support/clock.ts";

/** A reading whose looks a test ends, in their order. */
function openReading() {
  const looks: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  const read = () => new Promise<number>((resolve, reject) => looks.push({ resolve, reject }));
  return { looks, read };
}

test("whoever asks at once, or while a value is fresh, gets the same look", async () => {
  const clock = createTestClock();
  const { looks, read } = openReading();
  const ask = remembered(read, { clock, freshMs: 5_000 });
  const both = [ask(), ask()];
  looks[0]?.resolve(1);
  expect(await Promise.all(both)).toEqual([1, 1]);
  clock.advance(4_999);
  expect(await ask()).toBe(1);
  expect(looks).toHaveLength(1);
  clock.advance(1);
  const next = ask();
  looks[1]?.resolve(2);
  expect(await next).toBe(2);
});

test("what takes long is read more rarely", async () => {
  const clock = createTestClock();
  const { looks, read } = openReading();
  const ask = remembered(read, { clock, freshMs: 5_000 });
  const first = ask();
  clock.advance(1_000);
  looks[0]?.resolve(1);
  await first;
  clock.advance(8_999);
  expect(await ask()).toBe(1);
  clock.advance(1);
  const next = ask();
  looks[1]?.resolve(2);
  expect(await next).toBe(2);
});

test("an old value is given out while the next is being read, but not for ever, nor in place of a first", async () => {
  const clock = createTestClock();
  const { looks, read } = openReading();
  const ask = remembered(read, { clock, freshMs: 1_000, staleMs: 3_000 });
  const first = ask();
  looks[0]?.resolve(1);
  await first;
  clock.advance(2_000);
  expect(await ask()).toBe(1);
  looks[1]?.reject(new Error("away"));
  await new Promise(setImmediate);
  clock.advance(1_000);
  const next = ask();
  looks[2]?.reject(new Error("still away"));
  await expect(next).rejects.toThrow("still away");
});

test("a look that failed is not kept", async () => {
  const { looks, read } = openReading();
  const ask = oneAtATime(read);
  const first = ask();
  looks[0]?.reject(new Error("away"));
  await expect(first).rejects.toThrow("away");
  const second = ask();
  looks[1]?.resolve(2);
  expect(await second).toBe(2);
});
