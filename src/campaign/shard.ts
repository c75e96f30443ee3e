/** Shards of a campaign whose account's follower count is not known (MECHANICS section 3). */
export const DEFAULT_SHARDS = 128;

/**
 * The hash shard of an OpenID: FNV-1a over its characters, then an avalanche step, so that ids which
 * differ only in their last characters spread evenly.
 */
export function shardOf(openid: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < openid.length; i++) hash = Math.imul(hash ^ openid.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}
