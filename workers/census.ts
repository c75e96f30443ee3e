import { type ListedAudience, noSuchList } from "../src/campaign/body.ts";
import type { OpenExclusion } from "../src/campaign/exclusion.ts";
import { sortOpenIds } from "../src/campaign/intake.ts";
import type { Tally } from "../src/store/audiences.ts";
import type { CapMonth, Caps } from "../src/store/caps.ts";
import type { Lists } from "../src/store/lists.ts";
import { eachShard, type ShardedList } from "./each-shard.ts";
import { sortShard } from "./sort-shard.ts";

type Parts = {
  readonly caps: Pick<Caps, "month" | "read">;
  /** Who is left out whatever the cap. */
  readonly openExclusion: OpenExclusion;
};

/** Of whom is asked: the cap's month, and how many messages in it each may have got, one more included. */
type Under = CapMonth & { readonly limit: number };

/** Counts who of a list could be admitted as of now, and changes nothing. */
export function createCensus({ caps, openExclusion }: Parts) {
  return async ({ limit, ...month }: Under, list: ShardedList): Promise<Tally> => {
    const sum = { admitted: 0, capped: 0, excluded: 0, duplicate: 0 };
    const excludedAmong = await openExclusion(month);
    await eachShard(
      list,
      () => true,
      async (shard, peopleOf) => {
        const { base, people: counts } = await caps.read(month, shard);
        const lists = await sortShard(peopleOf(), counts, limit - base, excludedAmong);
        sum.admitted += lists.admitted.length;
        sum.capped += lists.capped.length;
        sum.excluded += lists.excluded.length;
        sum.duplicate += lists.duplicate;
        return true;
      },
    );
    return sum;
  };
}

/** The same for the audience of a campaign that is not taken in yet. Throws BAD_CAMPAIGN when its list is gone. */
export function createAudienceCensus({
  caps,
  openExclusion,
  lists,
}: Parts & { lists: Pick<Lists, "find" | "read"> }) {
  const census = createCensus({ caps, openExclusion });

  return async (under: Under, audience: ListedAudience) => {
    const { received, invalid, lines } = await open(audience);
    const { shards } = await caps.month(under);
    return { received, invalid, ...(await census(under, { shards, received, lines })) };
  };

  async function open(audience: ListedAudience) {
    if (audience.type === "list") {
      const list = await lists.find(audience.audienceId);
      if (!list) throw noSuchList();
      return { ...list, lines: () => lists.read(list) };
    }
    const { valid, invalid } = sortOpenIds(audience.openids);
    const text = Buffer.from(valid.join("\n"));
    async function* lines() {
      if (text.length > 0) yield text;
    }
    return { received: audience.openids.length, invalid: invalid.length, lines };
  }
}
