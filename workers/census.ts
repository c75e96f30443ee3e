import { badList, type CampaignBody, exclusionOf, type ListedAudience } from "../src/campaign/body.ts";
import type { Exclusion, PeopleLines } from "../src/campaign/exclusion.ts";
import { sortOpenIds } from "../src/campaign/intake.ts";
import { faultOf, type ListId } from "../src/campaign/list.ts";
import type { AudienceCounts } from "../src/campaign/report.ts";
import type { Tally } from "../src/store/audiences.ts";
import type { CapMonth, Caps } from "../src/store/caps.ts";
import type { Lists } from "../src/store/lists.ts";
import { eachShard, type ShardedList } from "./each-shard.ts";
import type { ExcludeAll } from "./exclusion.ts";
import { sortShard } from "./sort-shard.ts";

type Parts = { readonly caps: Pick<Caps, "month" | "read"> };

/** Of whom is asked: the cap's month, and how many messages in it each may have got, one more included. */
type Under = CapMonth & { readonly limit: number };

/** Counts who of a list could be admitted as of now, and changes nothing. */
export function createCensus({ caps }: Pick<Parts, "caps">) {
  return async (
    { limit, ...month }: Under,
    list: Omit<ShardedList, "beside">,
    exclusion: Exclusion,
  ): Promise<Tally> => {
    const sum = { admitted: 0, capped: 0, excluded: 0, duplicate: 0 };
    await eachShard(
      { ...list, beside: exclusion.listed },
      () => true,
      async (shard, people) => {
        const { base, people: counts } = await caps.read(month, shard);
        const lists = await sortShard(people, counts, limit - base, exclusion);
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

type Counted = PeopleLines & { readonly invalid: number };

type AudienceParts = Parts & {
  readonly excludeAll: ExcludeAll;
  readonly lists: Pick<Lists, "find" | "read">;
};

/**
 * The same for the audience of a campaign that is not taken in yet; undefined where WeChat has yet to name people
 * who are in it, or are to be left out of it. Throws BAD_CAMPAIGN when a list can't be had.
 */
export function createAudienceCensus({ caps, excludeAll, lists }: AudienceParts) {
  const census = createCensus({ caps });

  return async (
    under: Under,
    audience: ListedAudience,
    exclude?: CampaignBody["exclude"],
  ): Promise<AudienceCounts | undefined> => {
    const out = exclusionOf({ exclude });
    const whom =
      audience.type === "list"
        ? await listOf(audience.audienceId, under.account, "audience.audienceId")
        : inline(audience.openids);
    const others = await Promise.all(out.lists.map((id) => listOf(id, under.account, "exclude")));
    const known = others.filter((list) => list !== undefined);
    if (!whom || known.length < others.length || out.tags.length > 0) return undefined;

    const { received, invalid, lines } = whom;
    const { shards } = await caps.month(under);
    const exclusion = await excludeAll(under.account, [inline(out.openids), ...known]);
    return { received, invalid, ...(await census(under, { shards, received, lines }, exclusion)) };
  };

  async function listOf(id: ListId, account: string, path: string): Promise<Counted | undefined> {
    const list = await lists.find(id);
    const fault = faultOf(list, account);
    if (fault !== undefined || !list) throw badList(path, fault);
    return list.state === "ready" ? { ...list, lines: () => lists.read(list) } : undefined;
  }
}

function inline(openids: readonly unknown[]): Counted {
  const { valid, invalid } = sortOpenIds(openids);
  const text = Buffer.from(valid.join("\n"));
  async function* lines() {
    if (text.length > 0) yield text;
  }
  return { received: openids.length, invalid: invalid.length, lines };
}
