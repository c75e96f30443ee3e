import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeLevel } from "../../scripts/soak/level.ts";

const MB = 1_000_000;
const allowed = { times: 1.1, atLeast: 2 * MB };
const series = (of: (at: number) => number, length = 80) => Array.from({ length }, (_, at) => of(at));
const isLevel = (figures: readonly number[]) => judgeLevel(figures, allowed).level;

describe("a series is level", () => {
  test("when it stands still, or falls", () => {
    expect(isLevel(series(() => 40 * MB))).toBe(true);
    expect(isLevel(series((at) => (100 - at) * MB))).toBe(true);
  });

  test("however much it rises while it warms up", () => {
    expect(isLevel(series((at) => Math.min(at, 20) * MB))).toBe(true);
  });

  test("with peaks in it, and whatever it swings by within what is allowed", () => {
    expect(isLevel(series((at) => (at % 10 === 9 ? 400 : 40) * MB))).toBe(true);
    const swing = fc.array(fc.integer({ min: 40 * MB, max: 42 * MB }), { minLength: 8, maxLength: 200 });
    fc.assert(fc.property(swing, isLevel));
  });

  test("when it is small and rises by little", () => {
    expect(isLevel(series((at) => 1_000 * at))).toBe(true);
  });
});

describe("a series grows", () => {
  test("when each campaign leaves something behind", () => {
    expect(isLevel(series((at) => (40 + at / 5) * MB))).toBe(false);
    expect(isLevel(series((at) => 40 * MB * 1.01 ** at))).toBe(false);
  });

  test("when it does so late, or in steps", () => {
    expect(isLevel(series((at) => (at < 65 ? 40 : 50) * MB))).toBe(false);
    expect(isLevel(series((at) => (40 + 3 * Math.floor(at / 20)) * MB))).toBe(false);
  });

  test("by just more than what is allowed", () => {
    const step = (most: number) => series((at) => (at < 40 ? 40 * MB : most));
    expect(isLevel(step(44 * MB))).toBe(true);
    expect(isLevel(step(44 * MB + 1))).toBe(false);
  });
});

test("too few samples, or none, say nothing good", () => {
  expect(isLevel(series(() => MB, 7))).toBe(false);
  expect(isLevel([])).toBe(false);
});
