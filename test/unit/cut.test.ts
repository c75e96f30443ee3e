import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BATCH_MAX, BATCH_MIN, batchSizes, cutBatches, type Place } from "../../src/campaign/cut.ts";
import { shardOf } from "../../src/campaign/shard.ts";

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe("sizes of batches", () => {
  test.each<[number, number[]]>([
    [0, []],
    [1, []],
    [2, [2]],
    [9_999, [9_999]],
    [10_000, [10_000]],
    [10_001, [9_999, 2]],
    [10_002, [10_000, 2]],
    [20_000, [10_000, 10_000]],
    [20_001, [10_000, 9_999, 2]],
    [25_000, [10_000, 10_000, 5_000]],
  ])("%i people", (people, sizes) => {
    expect(batchSizes(people)).toEqual(sizes);
  });

  test("hold everybody, 2 to 10,000 each, never one left, all but the last two full", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 3_000_000 }), (people) => {
        const sizes = batchSizes(people);
        expect(sum(sizes)).toBe(people);
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(BATCH_MIN);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(BATCH_MAX);
        expect(sizes).toHaveLength(Math.ceil(people / BATCH_MAX));
        for (const size of sizes.slice(0, -2)) expect(size).toBe(BATCH_MAX);
        expect(sizes.at(-2) ?? BATCH_MAX).toBeGreaterThanOrEqual(BATCH_MAX - 1);
      }),
    );
  });
});

/** Everybody between two places, as `shard:offset`, read in shard order. */
function peopleBetween(lengths: readonly number[], from: Place, to: Place): string[] {
  return lengths.flatMap((length, shard) => {
    if (shard < from.shard || shard > to.shard) return [];
    const start = shard === from.shard ? from.offset : 0;
    const end = shard === to.shard ? to.offset : length;
    return Array.from({ length: Math.max(0, end - start) }, (_, index) => `${shard}:${start + index}`);
  });
}

test("batches laid over shards take everybody exactly once, in shard order", () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 3, max: 30 }), (shards, max) => {
      const cuts = cutBatches(shards, max);
      const end = { shard: shards.length - 1, offset: shards.at(-1) ?? 0 };
      const everybody = sum(shards) < BATCH_MIN ? [] : peopleBetween(shards, { shard: 0, offset: 0 }, end);
      expect(cuts.flatMap(({ from, to }) => peopleBetween(shards, from, to))).toEqual(everybody);
      for (const { size, from, to } of cuts) expect(peopleBetween(shards, from, to)).toHaveLength(size);
    }),
  );
});

test("one person alone, or nobody, makes no batch", () => {
  expect(cutBatches([0, 1, 0])).toEqual([]);
  expect(cutBatches([0, 0])).toEqual([]);
});

test("the last batch ends where the last person stands", () => {
  expect(cutBatches([3, 0, 4], 5)).toEqual([
    { size: 5, from: { shard: 0, offset: 0 }, to: { shard: 2, offset: 2 } },
    { size: 2, from: { shard: 2, offset: 2 }, to: { shard: 2, offset: 4 } },
  ]);
});

describe("hash shards", () => {
  const ids = (count: number) =>
    Array.from({ length: count }, (_, at) => `oAbCdEfGhIjKlMnOpQrSt${String(at).padStart(7, "0")}`);

  test("spread OpenIDs that differ in their last characters only", () => {
    const counts = new Array<number>(128).fill(0);
    for (const id of ids(128_000)) counts[shardOf(id, 128)] = (counts[shardOf(id, 128)] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });

  test("are the same at every start", () => {
    expect(ids(4).map((id) => shardOf(id, 128))).toEqual(SHARDS);
  });

  test("are numbered from 0 below their count", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 4_096 }), (id, shards) => {
        const shard = shardOf(id, shards);
        expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true);
      }),
    );
  });
});

/** Pinned: a plan that goes on after an upgrade must find everybody where they were. */
const SHARDS = [32, 88, 120, 84];
