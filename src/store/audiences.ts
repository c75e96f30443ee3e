import { z } from "zod";
import type { Campaign } from "../campaign/campaign.ts";
import type { Cut } from "../campaign/cut.ts";
import type { OpenId } from "../campaign/openid.ts";
import { Failure } from "../failure.ts";
import { packLines, unpackLines } from "./blob.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** People in one stored chunk of a list. */
export const CHUNK = 10_000;

const Tally = z.object({ admitted: z.number().int(), duplicate: z.number().int() });
export type Tally = z.infer<typeof Tally>;

type Address = Pick<Campaign, "account" | "id">;

/**
 * OpenIDs at rest, never in job data: the list as it came in chunks, and the admitted people by hash
 * shard (MECHANICS sections 2 and 3).
 */
export function createAudiences(redis: RedisClient, keys: Keys) {
  const admitScript = createScript(redis, "admit-shard", z.enum(["stored", "done", "stopped"]));
  const read = async (key: string, field: string): Promise<string[]> => {
    const blob = await redis.hgetBuffer(key, field);
    return blob === null ? [] : unpackLines(blob);
  };

  return {
    /** Stores a list; a second run overwrites the first. Answers the number of chunks. */
    async storeList(
      { account, id }: Address,
      valid: readonly OpenId[],
      invalid: readonly string[],
    ): Promise<number> {
      const key = keys.list(account, id);
      const chunks = Math.ceil(valid.length / CHUNK);
      for (let chunk = 0; chunk < chunks; chunk++)
        await redis.hset(key, `${chunk}`, await packLines(valid.slice(chunk * CHUNK, (chunk + 1) * CHUNK)));
      if (invalid.length > 0) await redis.hset(key, "invalid", await packLines(invalid));
      else await redis.hdel(key, "invalid");
      return chunks;
    },

    /** The valid OpenIDs of a list, chunk by chunk. */
    async *readList({ account, id, chunks }: Address & { chunks: number }): AsyncGenerator<OpenId[]> {
      for (let chunk = 0; chunk < chunks; chunk++) {
        const people = (await read(keys.list(account, id), `${chunk}`)) as OpenId[];
        if (people.length === 0) throw new Failure("AUDIENCE_LOST", `Chunk ${chunk} of the list is gone.`);
        yield people;
      }
    },

    /** Malformed entries of a list, as they came but for control characters. */
    readInvalid: ({ account, id }: Address) => read(keys.list(account, id), "invalid"),

    async admit({ account, id }: Address, shard: number, admitted: readonly OpenId[], tally: Tally) {
      return admitScript(
        [keys.campaign(account, id), keys.plan(account, id)],
        [shard, await packLines(admitted), JSON.stringify(tally)],
      );
    },

    /** What became of each shard, by number. */
    async tallies({ account, id, shards }: Address & { shards: number }): Promise<(Tally | undefined)[]> {
      const fields = Array.from({ length: shards }, (_, shard) => `tally:${shard}`);
      const found = await redis.hmget(keys.plan(account, id), ...fields);
      return found.map((tally) => (tally === null ? undefined : Tally.parse(JSON.parse(tally))));
    },

    readShard: async ({ account, id }: Address, shard: number) =>
      (await read(keys.plan(account, id), `admitted:${shard}`)) as OpenId[],

    /**
     * The people of one batch, in their order.
     *
     * @throws Failure AUDIENCE_LOST when the plan does not hold all of them any more.
     */
    async members({ account, id }: Address, { size, from, to }: Cut): Promise<OpenId[]> {
      const shards = Array.from({ length: to.shard - from.shard + 1 }, (_, index) => from.shard + index);
      const members = await Promise.all(
        shards.map(async (shard) => {
          const people = (await read(keys.plan(account, id), `admitted:${shard}`)) as OpenId[];
          return people.slice(
            shard === from.shard ? from.offset : 0,
            shard === to.shard ? to.offset : undefined,
          );
        }),
      );
      const all = members.flat();
      if (all.length !== size)
        throw new Failure("AUDIENCE_LOST", `The plan holds ${all.length} of a batch's ${size} people.`);
      return all;
    },
  };
}

export type Audiences = ReturnType<typeof createAudiences>;
