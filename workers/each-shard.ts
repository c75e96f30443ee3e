import type { PeopleLines } from "../src/campaign/exclusion.ts";
import type { OpenId } from "../src/campaign/openid.ts";
import { createSortedList } from "../src/campaign/sorted-list.ts";

/** People held in memory at once, 29 bytes each: a longer list is read that many times oftener. */
const HELD_PEOPLE = 1_500_000;

/** A list to be gone through by hash shard. */
export type ShardedList = PeopleLines & {
  readonly shards: number;
  /** Others, of whom those of the same shards are handed out beside. */
  readonly beside?: PeopleLines;
};

/** The people of one shard, and of the others those who belong to it. */
export type ShardPeople = {
  readonly peopleOf: () => readonly OpenId[];
  readonly besideOf: () => readonly OpenId[];
};

/** Hands out the people of each wanted shard that has any, one shard after the other, until a deed answers false. */
export async function eachShard(
  { shards, received, lines, beside }: ShardedList,
  wanted: (shard: number) => boolean,
  deed: (shard: number, people: ShardPeople) => Promise<boolean>,
): Promise<void> {
  const passes = Math.ceil(Math.max(1, received + (beside?.received ?? 0)) / HELD_PEOPLE);
  const width = Math.ceil(shards / passes);
  const todo = Array.from({ length: shards }, (_, shard) => shard).filter(wanted);
  const list = createSortedList(shards);
  const others = createSortedList(shards);
  for (let first = 0; first < todo.length; first += width) {
    const pass = new Set(todo.slice(first, first + width));
    for await (const some of lines()) list.add(some, (shard) => pass.has(shard));
    if (beside) for await (const some of beside.lines()) others.add(some, list.has);
    for (const shard of [...pass].filter(list.has)) {
      const people = { peopleOf: () => list.people(shard), besideOf: () => others.people(shard) };
      if (!(await deed(shard, people))) return;
      list.drop(shard);
      others.drop(shard);
    }
  }
}
