import type { OpenId } from "./openid.ts";
import { HASH_START, hashStep, shardOfHash } from "./shard.ts";

const NEWLINE = 10;
const BLOCK_BYTES = 16_384;

type Block = { readonly bytes: Buffer; used: number };

/**
 * People in memory by hash shard, 29 bytes each, in blocks that are used again. As strings on JavaScript's
 * heap they would take three times as much, and as much again until that is cleared away.
 */
export function createSortedList(shards: number) {
  const blocks = Array.from({ length: shards }, (): Block[] => []);
  const free: Block[] = [];
  const of = (shard: number) => blocks[shard] ?? [];

  function append(shard: number, text: Buffer, from: number, to: number): void {
    const own = of(shard);
    let block = own.at(-1);
    if (!block || block.used + 1 + to - from > BLOCK_BYTES) {
      block = free.pop() ?? { bytes: Buffer.allocUnsafeSlow(BLOCK_BYTES), used: 0 };
      block.used = 0;
      own.push(block);
    }
    if (block.used > 0) block.bytes[block.used++] = NEWLINE;
    for (let at = from; at < to; at++) block.bytes[block.used++] = text[at] as number;
  }

  return {
    /** Adds the people of the wanted shards: OpenIDs joined by newlines. */
    add(text: Buffer, isWanted: (shard: number) => boolean): void {
      let hash = HASH_START;
      let from = 0;
      for (let at = 0; at <= text.length; at++) {
        const byte = at === text.length ? NEWLINE : (text[at] as number);
        if (byte !== NEWLINE) {
          hash = hashStep(hash, byte);
          continue;
        }
        const shard = shardOfHash(hash, shards);
        if (isWanted(shard)) append(shard, text, from, at);
        hash = HASH_START;
        from = at + 1;
      }
    },

    has: (shard: number): boolean => of(shard).length > 0,

    /** The people of one shard, in the order in which they came. */
    people: (shard: number): OpenId[] =>
      of(shard).flatMap(({ bytes, used }) => bytes.toString("latin1", 0, used).split("\n") as OpenId[]),

    /** Forgets the people of one shard, so that their memory is free for others. */
    drop(shard: number): void {
      free.push(...of(shard).splice(0));
    },
  };
}
