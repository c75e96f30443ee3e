/** WeChat's mass/send takes 2 to 10,000 OpenIDs a call (WECHAT.md section 2.3). */
export const BATCH_MAX = 10_000;
export const BATCH_MIN = 2;

/** A place in the admitted lists, read in shard order: before the `offset`-th person of `shard`. */
export type Place = { readonly shard: number; readonly offset: number };

/** One batch: the people from `from` up to, not including, `to`. */
export type Cut = { readonly size: number; readonly from: Place; readonly to: Place };

/**
 * Sizes of full batches for `people` recipients, none of one: the last batch takes one from its
 * neighbour where it would stand alone. A single person fits no batch: the answer is empty.
 */
export function batchSizes(people: number, max = BATCH_MAX): number[] {
  if (people < BATCH_MIN) return [];
  const full = Math.floor(people / max);
  const rest = people % max;
  const sizes = new Array<number>(full).fill(max);
  if (rest === 1) sizes.splice(-1, 1, max - 1, BATCH_MIN);
  else if (rest > 1) sizes.push(rest);
  return sizes;
}

/** Lays the batches over the admitted lists of the shards, given their lengths. */
export function cutBatches(shardLengths: readonly number[], max = BATCH_MAX): Cut[] {
  const people = shardLengths.reduce((sum, length) => sum + length, 0);
  let place: Place = { shard: 0, offset: 0 };
  return batchSizes(people, max).map((size) => {
    const from = place;
    place = advance(shardLengths, from, size);
    return { size, from, to: place };
  });
}

function advance(shardLengths: readonly number[], from: Place, people: number): Place {
  let { shard, offset } = from;
  let left = people;
  for (;;) {
    const here = (shardLengths[shard] ?? 0) - offset;
    if (left <= here) return { shard, offset: offset + left };
    left -= here;
    shard += 1;
    offset = 0;
  }
}
