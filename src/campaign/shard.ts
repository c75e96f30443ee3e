/** Shards of an account whose number of followers is not known (MECHANICS section 3). */
export const DEFAULT_SHARDS = 128;

const SHARD_PEOPLE = 8_000;
const SHARDS_MIN = 16;

/**
 * How many shards an account gets for a month: about 8,000 people in each, so that no call on one is long.
 * `people` is the list at hand, which may be longer than what WeChat counts.
 */
export function shardsFor(followers: number | undefined, people: number): number {
  const least = followers === undefined ? DEFAULT_SHARDS : SHARDS_MIN;
  return Math.max(least, Math.ceil(Math.max(followers ?? 0, people) / SHARD_PEOPLE));
}

/**
 * The hash shard of an OpenID: FNV-1a over its characters, then an avalanche step, so that ids which
 * differ only in their last characters spread evenly.
 */
export function shardOf(openid: string, shards: number): number {
  let hash = HASH_START;
  for (let i = 0; i < openid.length; i++) hash = hashStep(hash, openid.charCodeAt(i));
  return shardOfHash(hash, shards);
}

/** The steps of `shardOf`, for those who have an OpenID as bytes. */
export const HASH_START = 0x811c9dc5;

export function hashStep(hash: number, character: number): number {
  return Math.imul(hash ^ character, 0x01000193);
}

export function shardOfHash(whole: number, shards: number): number {
  let hash = Math.imul(whole ^ (whole >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}

/** People by shard. */
export function byShard<Person extends string>(
  people: Iterable<Person>,
  shards: number,
): Map<number, Person[]> {
  const groups = new Map<number, Person[]>();
  for (const person of people) {
    const shard = shardOf(person, shards);
    const group = groups.get(shard);
    if (group) group.push(person);
    else groups.set(shard, [person]);
  }
  return groups;
}
