import fc from "fast-check";
import { expect, test } from "vitest";
import { shardOf } from "../../src/campaign/shard.ts";
import { eachShard } from "../../workers/each-shard.ts";

const openid = (at: number) => `oAbCdEfGhIjKlMnOpQrSt${String(at).padStart(7, "0")}`;

/** People as lists come, a few to a chunk; `read` counts how often. */
function linesOf(people: readonly string[]) {
  let read = 0;
  async function* lines() {
    read += 1;
    for (let at = 0; at < people.length; at += 3) yield Buffer.from(people.slice(at, at + 3).join("\n"));
  }
  return { lines, times: () => read };
}

const numbers = fc.array(fc.nat(60), { maxLength: 40 });

test("each shard is handed out once with its people and those beside them, in as many passes as memory asks for", async () => {
  await fc.assert(
    fc.asyncProperty(
      numbers,
      numbers,
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 4 }),
      async (own, others, shards, passes) => {
        const [people, beside] = [own.map(openid), others.map(openid)];
        const [list, out] = [linesOf(people), linesOf(beside)];
        const seen = new Set<number>();
        await eachShard(
          {
            ...{ shards, received: people.length, lines: list.lines },
            // So many that not all of them can be held at once.
            beside: { received: 1_500_000 * passes - 100, lines: out.lines },
          },
          () => true,
          async (shard, { peopleOf, besideOf }) => {
            expect(seen.has(shard)).toBe(false);
            seen.add(shard);
            const of = (all: readonly string[]) => all.filter((one) => shardOf(one, shards) === shard);
            expect(peopleOf()).toEqual(of(people));
            expect(besideOf()).toEqual(of(beside));
            return true;
          },
        );
        expect(seen).toEqual(new Set(people.map((one) => shardOf(one, shards))));
        expect(list.times()).toBe(Math.ceil(shards / Math.ceil(shards / passes)));
        expect(out.times()).toBe(list.times());
      },
    ),
  );
});
