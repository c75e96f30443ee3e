import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  admitUnder,
  capOf,
  fingerprintOf,
  lower,
  packCap,
  raise,
  unpackCap,
} from "../../src/campaign/cap.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { byShard, shardOf, shardsFor } from "../../src/campaign/shard.ts";

const openid = (at: number) => `oAbCdEfGhIjKlMnOpQrSt${String(at).padStart(7, "0")}` as OpenId;
const anyPeople = fc.uniqueArray(fc.nat({ max: 50 }).map(openid), { maxLength: 20 });

describe("a shard of the cap", () => {
  test("survives being packed, in 9 bytes a person", () => {
    const fingerprint = fc.maxSafeNat();
    fc.assert(
      fc.property(fc.array(fc.tuple(fingerprint, fc.integer({ min: 1, max: 255 }))), (entries) => {
        const shard = new Map(entries);
        const packed = packCap(shard);
        expect(packed).toHaveLength(shard.size * 9);
        expect(unpackCap(packed)).toEqual(shard);
        // What comes from the network lies anywhere in its buffer.
        expect(unpackCap(Buffer.concat([Buffer.from("x"), packed]).subarray(1))).toEqual(shard);
      }),
    );
  });

  test("that is cut off is not taken for a smaller one", () => {
    expect(() => unpackCap(packCap(new Map([[1, 1]])).subarray(1))).toThrow(RangeError);
  });

  const deed = fc.oneof(
    fc.record({
      kind: fc.constant("admit" as const),
      people: anyPeople,
      limit: fc.integer({ min: 0, max: 4 }),
    }),
    fc.record({ kind: fc.constant("raise" as const), people: anyPeople }),
    fc.record({ kind: fc.constant("lower" as const), people: anyPeople }),
  );

  test("counts like a table of people, whatever is done to it", () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 20 }), (deeds) => {
        let shard = new Map<number, number>();
        const table = new Map<OpenId, number>();
        for (const step of deeds) {
          const { people } = step;
          const of = (person: OpenId) => table.get(person) ?? 0;
          if (step.kind === "admit") {
            const { admitted, capped } = admitUnder(shard, people, step.limit);
            expect(capped).toEqual(people.filter((person) => of(person) >= step.limit));
            expect([...admitted, ...capped].sort()).toEqual([...people].sort());
            for (const person of admitted) table.set(person, of(person) + 1);
          } else if (step.kind === "raise") {
            raise(shard, people);
            for (const person of people) table.set(person, of(person) + 1);
          } else {
            lower(shard, people);
            for (const person of people) table.set(person, Math.max(0, of(person) - 1));
          }
          shard = unpackCap(packCap(shard));
        }
        const counted = [...table].filter(([, count]) => count > 0);
        expect(shard).toEqual(new Map(counted.map(([person, count]) => [fingerprintOf(person), count])));
      }),
    );
  });
});

test("200,000 OpenIDs that differ in their last characters have 200,000 fingerprints, none above 53 bits", () => {
  const seen = new Set<number>();
  for (let at = 0; at < 200_000; at++) seen.add(fingerprintOf(openid(at)));
  expect(seen.size).toBe(200_000);
  expect([...seen].every((fingerprint) => Number.isSafeInteger(fingerprint) && fingerprint >= 0)).toBe(true);
});

test("every bit of a fingerprint is as often set as not among the people of one shard", () => {
  const people = Array.from({ length: 160_000 }, (_, at) => openid(at)).filter((id) => shardOf(id, 16) === 3);
  for (let bit = 0; bit < 53; bit++) {
    const set = people.filter((id) => Math.floor(fingerprintOf(id) / 2 ** bit) % 2 === 1).length;
    expect(Math.abs(set / people.length - 0.5)).toBeLessThan(0.03);
  }
});

test("a campaign's own limit lowers the account's and never raises it", () => {
  const account = (perUserPerMonth: number) => ({ limits: { perUserPerMonth } });
  expect(capOf(account(4), {})).toBe(4);
  expect(capOf(account(4), { perUserPerMonth: 2 })).toBe(2);
  expect(capOf(account(2), { perUserPerMonth: 3 })).toBe(2);
});

test.for([
  [undefined, 10, 128],
  [undefined, 3_000_000, 375],
  [1_000, 10, 16],
  [1_000_000, 10, 125],
  [30_000, 1_000_000, 125],
] as const)("of %s followers and a list of %i the account gets %i shards", ([followers, people, shards]) => {
  expect(shardsFor(followers, people)).toBe(shards);
});

test("people stand in the shard of their hash", () => {
  fc.assert(
    fc.property(anyPeople, fc.integer({ min: 1, max: 40 }), (people, shards) => {
      const groups = byShard(people, shards);
      expect([...groups.values()].flat().sort()).toEqual([...people].sort());
      for (const [shard, group] of groups) for (const id of group) expect(shardOf(id, shards)).toBe(shard);
    }),
  );
});
