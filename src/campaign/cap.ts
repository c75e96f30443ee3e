import type { OpenId } from "./openid.ts";

/**
 * The monthly cap of one hash shard of an account: how many messages of this month each of its people has
 * been sent or is reserved (MECHANICS section 3). A person is a fingerprint of 53 bits: two that share one,
 * 4 in 10 million a month at a million people, can only keep each other out.
 */
export type CapShard = Map<number, number>;

/** WeChat's own limit of mass messages to one follower in a calendar month (WECHAT.md section 5). */
export const CAP_MAX = 4;

/** How many messages a month a campaign's people may have got, its own included: the account's limit, or lower. */
export function capOf(
  account: { readonly limits: { readonly perUserPerMonth: number } },
  { perUserPerMonth = CAP_MAX }: { readonly perUserPerMonth?: number | undefined },
): number {
  return Math.min(perUserPerMonth, account.limits.perUserPerMonth);
}

/** How many more messages of a month somebody may get: a send made elsewhere can pass the limit. */
export function capLeft(limit: number, used: number): number {
  return Math.max(0, limit - used);
}

/** A byte a person: more than this is kept as this. */
const COUNT_MAX = 255;
const FINGERPRINT_BYTES = 8;
const PERSON_BYTES = FINGERPRINT_BYTES + 1;

/** All fingerprints, then all counts: 9 bytes a person. */
export function packCap(shard: CapShard): Buffer {
  const packed = Buffer.allocUnsafe(shard.size * PERSON_BYTES);
  const fingerprints = new Float64Array(shard.size);
  const counts = shard.size * FINGERPRINT_BYTES;
  let place = 0;
  for (const [fingerprint, count] of shard) {
    fingerprints[place] = fingerprint;
    packed[counts + place] = count;
    place += 1;
  }
  Buffer.from(fingerprints.buffer).copy(packed);
  return packed;
}

export function unpackCap(packed: Buffer): CapShard {
  const people = packed.length / PERSON_BYTES;
  if (!Number.isInteger(people)) throw new RangeError(`${packed.length} bytes are no shard of the cap`);
  // Copied: what comes from the network need not lie where an array of numbers may begin.
  const fingerprints = new Float64Array(
    Uint8Array.prototype.slice.call(packed, 0, people * FINGERPRINT_BYTES).buffer,
  );
  const shard: CapShard = new Map();
  for (let place = 0; place < people; place++)
    shard.set(fingerprints[place] ?? 0, packed[people * FINGERPRINT_BYTES + place] ?? 0);
  return shard;
}

/**
 * Two multiplicative hashes over the characters, mixed into each other, 53 bits of both. Independent of
 * `shardOf`, so that the people of one shard are told apart by all of it.
 */
export function fingerprintOf(openid: string): number {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let i = 0; i < openid.length; i++) {
    const code = openid.charCodeAt(i);
    low = Math.imul(low ^ code, 0x9e3779b1);
    high = Math.imul(high ^ code, 0x5f356495);
  }
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  return (high & 0x1fffff) * 0x1_0000_0000 + (low >>> 0);
}

/** Admits who has had fewer than `limit`, and counts them. Nobody may be in `people` twice. */
export function admitUnder(
  shard: CapShard,
  people: Iterable<OpenId>,
  limit: number,
): { admitted: OpenId[]; capped: OpenId[] } {
  const admitted: OpenId[] = [];
  const capped: OpenId[] = [];
  for (const openid of people) {
    const fingerprint = fingerprintOf(openid);
    const count = shard.get(fingerprint) ?? 0;
    if (count >= limit) capped.push(openid);
    else {
      shard.set(fingerprint, count + 1);
      admitted.push(openid);
    }
  }
  return { admitted, capped };
}

/** One more message for each, whatever the limit: a send that qunfa did not make. */
export function raise(shard: CapShard, people: Iterable<OpenId>): void {
  for (const openid of people) {
    const fingerprint = fingerprintOf(openid);
    shard.set(fingerprint, Math.min((shard.get(fingerprint) ?? 0) + 1, COUNT_MAX));
  }
}

/** Takes one back from each. */
export function lower(shard: CapShard, people: Iterable<OpenId>): void {
  for (const openid of people) {
    const fingerprint = fingerprintOf(openid);
    const count = shard.get(fingerprint) ?? 0;
    if (count > 1) shard.set(fingerprint, count - 1);
    else shard.delete(fingerprint);
  }
}
