import { z } from "zod";
import type { Batch } from "../campaign/batch.ts";
import { capsKeptUntil } from "../campaign/calendar.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { packCap } from "../campaign/cap.ts";
import type { Cut } from "../campaign/cut.ts";
import type { PeopleLines } from "../campaign/exclusion.ts";
import type { OpenId } from "../campaign/openid.ts";
import { Failure } from "../failure.ts";
import { ATTEMPT_MS, type Attempt } from "./attempt.ts";
import { packLines, unpack, unpackLines } from "./blob.ts";
import type { ReadShard } from "./caps.ts";
import { createKeepFields } from "./keep-fields.ts";
import type { Keys } from "./keys.ts";
import { createListWriter, type Written } from "./list-writer.ts";
import { createScript, type RedisClient } from "./script.ts";

/** What became of the people of one hash shard. */
export const Tally = z.object({
  admitted: z.number().int(),
  capped: z.number().int(),
  duplicate: z.number().int(),
  excluded: z.number().int().default(0),
});
export type Tally = z.infer<typeof Tally>;

/** Who of a shard is admitted, and the counters that this made. */
export type Admission = {
  readonly shard: number;
  readonly read: ReadShard;
  readonly admitted: readonly OpenId[];
  readonly capped: readonly OpenId[];
  readonly excluded: readonly OpenId[];
  readonly duplicate: number;
};

type Address = Pick<Campaign, "account" | "id">;

type PlanList = "admitted" | "capped" | "excluded";

/** Where a campaign's list is: its own, or a stored one that it names. */
type Listed = Address & Pick<Campaign, "list">;

/** The people of one batch: a cut of the admitted lists, or a list of its own once admitted again. */
type Members = Pick<Batch, "number" | "size" | "from" | "to" | "readmitted">;

/**
 * OpenIDs at rest, never in job data: the list as it came in chunks, and the admitted people by hash
 * shard (MECHANICS sections 2 and 3).
 */
export function createAudiences(redis: RedisClient, keys: Keys) {
  const admitScript = createScript(redis, "admit-shard", z.enum(["stored", "done", "conflict", "stopped"]));
  /** What it puts away lives until its record is created, or goes by itself. */
  const keeping = createKeepFields(redis, ATTEMPT_MS);
  const read = async (key: string, field: string): Promise<string[]> => {
    const blob = await redis.hgetBuffer(key, field);
    return blob === null ? [] : unpackLines(blob);
  };

  async function* readChunks(key: string, chunks: number): AsyncGenerator<Buffer> {
    for (let chunk = 0; chunk < chunks; chunk++) {
      const blob = await redis.hgetBuffer(key, `${chunk}`);
      if (blob === null) throw new Failure("AUDIENCE_LOST", `Chunk ${chunk} of the list is gone.`);
      yield await unpack(blob);
    }
  }

  const listKey = ({ account, id, list }: Listed) =>
    list === undefined ? keys.list(account, id) : keys.storedPeople(list);

  return {
    /** Stores the list that a campaign brings, for the record to come. */
    async storeList({ account, id }: Attempt, entries: readonly unknown[]): Promise<Written> {
      const writer = createListWriter(keeping(keys.list(account, id)));
      await writer.add(entries);
      return writer.finish();
    },

    /** Stores the inline OpenIDs that one leaves out; answers how many they are. Members of tags come behind them. */
    async storeExclusion({ account, id }: Attempt, entries: readonly unknown[]): Promise<number> {
      const keep = keeping(keys.exclusion(account, id));
      const writer = createListWriter(keep);
      await writer.add(entries);
      const { chunks, received, invalid } = await writer.finish();
      await keep("chunks", chunks);
      await keep("received", received - invalid);
      return received - invalid;
    },

    /** How many entries a campaign's own exclusion has, and they themselves, chunk by chunk, a line each. */
    async exclusion({ account, id }: Address): Promise<PeopleLines> {
      const key = keys.exclusion(account, id);
      const [chunks, received] = await redis.hmget(key, "chunks", "received");
      return { received: Number(received ?? 0), lines: () => readChunks(key, Number(chunks ?? 0)) };
    },

    /** The valid OpenIDs of a list, chunk by chunk, a line each: as strings they would fill the memory. */
    readList: ({ chunks, ...of }: Listed & { chunks: number }): AsyncGenerator<Buffer> =>
      readChunks(listKey(of), chunks),

    /** Malformed entries of a list, chunk by chunk, as they came but for control characters. */
    async *readInvalid(of: Listed): AsyncGenerator<string[]> {
      for (let chunk = 0; ; chunk++) {
        const entries = await read(listKey(of), `invalid:${chunk}`);
        if (entries.length === 0) return;
        yield entries;
      }
    },

    /** Stores who of one shard is admitted, with their counters, once: "conflict" when those have changed meanwhile. */
    async admit({ account, id }: Address, month: string, { shard, read, ...people }: Admission) {
      const { admitted, capped, excluded, duplicate } = people;
      const counts = { admitted: admitted.length, capped: capped.length, excluded: excluded.length };
      const tally: Tally = { ...counts, duplicate };
      const lists = await Promise.all([packLines(admitted), packLines(capped), packLines(excluded)]);
      return admitScript(
        [
          keys.campaign(account, id),
          keys.plan(account, id),
          keys.caps(account, month),
          keys.capShard(account, month, shard),
        ],
        [
          ...[shard, read.version, read.base, packCap(read.people), capsKeptUntil(month)],
          ...lists,
          JSON.stringify(tally),
        ],
      );
    },

    /** What became of each shard, by number. */
    async tallies({ account, id, shards }: Address & { shards: number }): Promise<(Tally | undefined)[]> {
      const fields = Array.from({ length: shards }, (_, shard) => `tally:${shard}`);
      const found = await redis.hmget(keys.plan(account, id), ...fields);
      return found.map((tally) => (tally === null ? undefined : Tally.parse(JSON.parse(tally))));
    },

    readShard: async ({ account, id }: Address, shard: number, list: PlanList = "admitted") =>
      (await read(keys.plan(account, id), `${list}:${shard}`)) as OpenId[],

    /** Who was left of a batch when it was admitted again in a later month: one alone too, who is not sent to. */
    readReadmitted: async ({ account, id }: Address, { number }: Pick<Members, "number">) =>
      (await read(keys.plan(account, id), `batch:${number}`)) as OpenId[],

    /** Who has left a batch because they can't be reached. */
    readLeft: async ({ account, id }: Address, { number }: Pick<Members, "number">) =>
      (await read(keys.plan(account, id), `left:${number}`)) as OpenId[],

    /**
     * The people of one batch, in their order.
     *
     * @throws Failure AUDIENCE_LOST when the plan does not hold all of them any more.
     */
    async members({ account, id }: Address, batch: Members): Promise<OpenId[]> {
      const { number, from, to, readmitted: again } = batch;
      const key = keys.plan(account, id);
      const fields = again ? [`batch:${number}`] : shardsOf(batch).map((shard) => `admitted:${shard}`);
      const found = await redis.hmgetBuffer(key, ...fields);
      const lists = (await Promise.all(found.map((blob) => (blob ? unpackLines(blob) : [])))) as OpenId[][];
      return all(
        batch,
        again ? lists : lists.map((people, index) => part(people, from.shard + index, { from, to })),
      );
    },

    /** The people of consecutive cuts of the plan, as `members` would read them, but each shard is read once. */
    async *membersOf(address: Address, cuts: readonly Cut[]): AsyncGenerator<OpenId[]> {
      const plan = keys.plan(address.account, address.id);
      let last = { shard: -1, people: [] as OpenId[] };
      for (const cut of cuts) {
        const parts: OpenId[][] = [];
        for (const shard of shardsOf(cut)) {
          if (shard !== last.shard)
            last = { shard, people: (await read(plan, `admitted:${shard}`)) as OpenId[] };
          parts.push(part(last.people, shard, cut));
        }
        yield all(cut, parts);
      }
    },
  };
}

export type Audiences = ReturnType<typeof createAudiences>;

function shardsOf({ from, to }: Pick<Cut, "from" | "to">): number[] {
  return Array.from({ length: to.shard - from.shard + 1 }, (_, index) => from.shard + index);
}

/** What a cut takes of the people of one shard. */
function part(people: OpenId[], shard: number, { from, to }: Pick<Cut, "from" | "to">): OpenId[] {
  return people.slice(shard === from.shard ? from.offset : 0, shard === to.shard ? to.offset : undefined);
}

function all({ size }: Pick<Cut, "size">, parts: readonly OpenId[][]): OpenId[] {
  const people = parts.flat();
  if (people.length !== size)
    throw new Failure("AUDIENCE_LOST", `The plan holds ${people.length} of a batch's ${size} people.`);
  return people;
}
