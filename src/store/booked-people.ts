import { digestOf } from "../campaign/digest.ts";
import type { BookedAudience, ExternalSend } from "../campaign/external-send.ts";
import { sortOpenIds } from "../campaign/intake.ts";
import { faultOf } from "../campaign/list.ts";
import type { OpenId } from "../campaign/openid.ts";
import { byShard } from "../campaign/shard.ts";
import { createSortedList } from "../campaign/sorted-list.ts";
import { Failure } from "../failure.ts";
import type { Lists } from "./lists.ts";

/** People to be counted, each once, by hash shard. */
type Sorted = {
  readonly distinct: number;
  readonly groups: () => Iterable<[shard: number, people: OpenId[]]>;
};

/** An audience as it is booked: how many are in it, and they themselves, by as many shards as are asked for. */
export type BookedPeople = {
  readonly type: BookedAudience["type"];
  /** Of the audience as it came. */
  readonly digest: string;
  /** Null for everybody, whom nobody has counted. */
  readonly received: number | null;
  readonly invalid: number | null;
  readonly sort: (shards: number) => Promise<Sorted>;
};

/**
 * Reads whom a send made outside qunfa went to.
 *
 * @throws Failure INVALID_PARAMETER when nobody is left of a list: booked, it would use up its msg_id; or when a stored
 *   one can't be had
 */
export function createBookedPeople(lists: Pick<Lists, "find" | "read">) {
  return async (account: string, audience: ExternalSend["audience"]): Promise<BookedPeople> => {
    const { type } = audience;
    if (type === "openids") return inline(audience.openids);
    if (type === "list") return stored(account, audience.audienceId);
    const nobody = { distinct: 0, groups: () => [] };
    return { type, digest: digestOf(audience), received: null, invalid: null, sort: async () => nobody };
  };

  function inline(openids: readonly unknown[]): BookedPeople {
    const { valid, invalid } = sortOpenIds(openids);
    const people = new Set(valid);
    if (people.size === 0) throw nobodyIn("audience.openids");
    return {
      ...{ type: "openids", received: openids.length, invalid: invalid.length },
      digest: digestOf({ type: "openids", openids }),
      sort: async (shards) => ({ distinct: people.size, groups: () => byShard(people, shards) }),
    };
  }

  async function stored(account: string, audienceId: string): Promise<BookedPeople> {
    const list = await lists.find(audienceId);
    const fault =
      faultOf(list, account) ?? (list?.state === "reading" ? "it is still being read" : undefined);
    if (!list || fault !== undefined) throw wrong("audience.audienceId", fault ?? "there is no such list");
    const { received, invalid, sha256 } = list;
    if (received === invalid) throw nobodyIn("audience.audienceId");
    return {
      ...{ type: "list", received, invalid, digest: digestOf({ type: "list", sha256 }) },
      async sort(shards) {
        const sorted = createSortedList(shards);
        for await (const lines of lists.read(list)) sorted.add(lines, () => true);
        const of = (shard: number) => [...new Set(sorted.has(shard) ? sorted.people(shard) : [])];
        const all = Array.from({ length: shards }, (_, shard) => shard);
        const distinct = all.reduce((sum, shard) => sum + of(shard).length, 0);
        return {
          distinct,
          groups: function* () {
            for (const shard of all) if (sorted.has(shard)) yield [shard, of(shard)];
          },
        };
      },
    };
  }
}

function nobodyIn(path: string): Failure {
  return wrong(path, "expected at least one valid OpenID");
}

function wrong(path: string, message: string): Failure {
  return new Failure("INVALID_PARAMETER", `${path}: ${message}`, {
    details: { errors: [{ path, message }] },
  });
}
