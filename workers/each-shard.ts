import type { OpenId } from "../src/campaign/openid.ts";
import { createSortedList } from "../src/campaign/sorted-list.ts";

/** People held in memory at once, 29 bytes each: a longer list is read that many times oftener. */
const HELD_PEOPLE = 1_500_000;

/** A list to be gone through by hash shard. */
export type ShardedList = {
  readonly shards: number;
  /** At least how many people there are, duplicates included. */
  readonly received: number;
  /** OpenIDs, a line each: from the beginning at each call. */
  readonly lines: () => AsyncIterable<Buffer>;
};

/** Hands out the people of each wanted shard that has any, one shard after the other, until a deed answers false. */
export async function eachShard(
  { shards, received, lines }: ShardedList,
  wanted: (shard: number) => boolean,
  deed: (shard: number, peopleOf: () => readonly OpenId[]) => Promise<boolean>,
): Promise<void> {
  const passes = Math.ceil(Math.max(1, received) / HELD_PEOPLE);
  const width = Math.ceil(shards / passes);
  const todo = Array.from({ length: shards }, (_, shard) => shard).filter(wanted);
  const list = createSortedList(shards);
  for (let first = 0; first < todo.length; first += width) {
    const pass = new Set(todo.slice(first, first + width));
    for await (const some of lines()) list.add(some, (shard) => pass.has(shard));
    for (const shard of [...pass].filter(list.has)) {
      if (!(await deed(shard, () => list.people(shard)))) return;
      list.drop(shard);
    }
  }
}
