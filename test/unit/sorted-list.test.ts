import fc from "fast-check";
import { expect, test } from "vitest";
import { shardOf } from "../../src/campaign/shard.ts";
import { createSortedList } from "../../src/campaign/sorted-list.ts";

const openid = fc.stringMatching(/^[A-Za-z0-9_-]{20,30}$/);
const list = fc.array(openid, { minLength: 1, maxLength: 40 });

test("a list in memory has the people of each wanted shard, in the order in which they came, and no others", () => {
  fc.assert(
    fc.property(
      fc.array(list, { maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat({ max: 9 }),
      (chunks, shards, from) => {
        const sorted = createSortedList(shards);
        for (const people of chunks) sorted.add(Buffer.from(people.join("\n")), (shard) => shard >= from);
        for (let shard = 0; shard < shards; shard++) {
          const expected = chunks.flat().filter((id) => shard >= from && shardOf(id, shards) === shard);
          expect(sorted.people(shard)).toEqual(expected);
          expect(sorted.has(shard)).toBe(expected.length > 0);
        }
      },
    ),
  );
});

test("what was dropped is gone, and its memory holds others who are not mixed with it", () => {
  const people = Array.from(
    { length: 3_000 },
    (_, at) => `oAbCdEfGhIjKlMnOpQrSt${String(at).padStart(7, "0")}`,
  );
  const of = (shard: number) => people.filter((id) => shardOf(id, 2) === shard);
  const sorted = createSortedList(2);
  sorted.add(Buffer.from(people.join("\n")), (shard) => shard === 0);
  expect(sorted.people(0)).toEqual(of(0));
  sorted.drop(0);
  expect(sorted.has(0)).toBe(false);
  sorted.add(Buffer.from(people.join("\n")), (shard) => shard === 1);
  expect(sorted.people(1)).toEqual(of(1));
  expect(sorted.people(0)).toEqual([]);
});
