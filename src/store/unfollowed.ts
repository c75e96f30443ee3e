import { z } from "zod";
import { fingerprintOf } from "../campaign/cap.ts";
import type { ExcludedAmong } from "../campaign/exclusion.ts";
import type { OpenId } from "../campaign/openid.ts";
import { shardOf } from "../campaign/shard.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** Fixed for good, unlike a month's: about 1,000 people in each when a million have unfollowed. */
const SHARDS = 1_024;

/** Shards asked for at once, each by a command of its own: while a slot moves, one that names several is refused. */
const READ_AT_ONCE = 128;

const FINGERPRINT_BYTES = 8;
const PERSON_BYTES = FINGERPRINT_BYTES + 4;

/**
 * WeChat repeats an event within seconds (WECHAT.md section 6.2); one that a handler passes on may lie in its
 * queue for longer. An "unsubscribe" that comes later than this behind a newer "subscribe" would count.
 */
const FOLLOWED_KEEP_MS = 24 * 3_600_000;

/** "seen": somebody did what only a follower can do, so that a lost "subscribe" excludes nobody for good. */
export type FollowEvent = "unsubscribe" | "subscribe" | "seen";

/**
 * Who has unfollowed an account, 12 bytes each, until they follow again. No OpenID is kept, only a
 * fingerprint of 53 bits in one of 1,024 shards: that somebody who follows shares it with one of a million
 * who don't, and is left out, happens to one account in 10 million.
 */
export function createUnfollowed(redis: RedisClient, keys: Keys) {
  const noteScript = createScript(redis, "note-follow", z.enum(["unfollowed", "follows"]));

  async function readShards(account: string): Promise<Float64Array[]> {
    const shards: Float64Array[] = [];
    for (let start = 0; start < SHARDS; start += READ_AT_ONCE) {
      const names = Array.from({ length: READ_AT_ONCE }, (_, at) => keys.unfollowed(account, start + at));
      const blobs = await Promise.all(names.map((name) => redis.getBuffer(name)));
      shards.push(...blobs.map(fingerprintsIn));
    }
    return shards;
  }

  return {
    /** What WeChat said at `at`, in milliseconds. Events may come in any order and any number of times. */
    note: (account: string, openid: OpenId, event: FollowEvent, at: number) =>
      noteScript(
        [keys.unfollowed(account, shardOf(openid, SHARDS)), keys.followed(account, nameOf(openid))],
        [event, packed(openid), Math.floor(at / 1_000), FOLLOWED_KEEP_MS],
      ),

    /**
     * Who has unfollowed by now: read once, in a tenth of a second for a million, and then asked any number of
     * times without Redis, half a second for a million.
     */
    async among(account: string): Promise<ExcludedAmong> {
      const shards = await readShards(account);
      if (shards.every(({ length }) => length === 0)) return async () => new Set();
      return async (openids) =>
        new Set(
          openids.filter((openid) =>
            holds(shards[shardOf(openid, SHARDS)] as Float64Array, fingerprintOf(openid)),
          ),
        );
    },
  };
}

export type Unfollowed = ReturnType<typeof createUnfollowed>;

function packed(openid: OpenId): Buffer {
  const bytes = Buffer.allocUnsafe(FINGERPRINT_BYTES);
  bytes.writeDoubleLE(fingerprintOf(openid));
  return bytes;
}

/** A person in the name of a key. */
function nameOf(openid: OpenId): string {
  return `${shardOf(openid, SHARDS)}-${fingerprintOf(openid).toString(36)}`;
}

/** The fingerprints of a shard, sorted. */
function fingerprintsIn(blob: Buffer | null): Float64Array {
  const people = blob === null ? 0 : blob.length / PERSON_BYTES;
  if (!Number.isInteger(people)) throw new RangeError(`${blob?.length} bytes are no shard of the unfollowed`);
  const fingerprints = new Float64Array(people);
  for (let at = 0; at < people; at++) fingerprints[at] = blob?.readDoubleLE(at * PERSON_BYTES) ?? 0;
  return fingerprints.sort();
}

function holds(sorted: Float64Array, fingerprint: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < fingerprint) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === fingerprint;
}
