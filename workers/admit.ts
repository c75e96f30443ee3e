import type { Campaign } from "../src/campaign/campaign.ts";
import { admitUnder, type CapShard } from "../src/campaign/cap.ts";
import type { ExcludedAmong, OpenExclusion } from "../src/campaign/exclusion.ts";
import type { OpenId } from "../src/campaign/openid.ts";
import { createSortedList } from "../src/campaign/sorted-list.ts";
import type { Audiences, Tally } from "../src/store/audiences.ts";
import type { Caps } from "../src/store/caps.ts";

type Parts = {
  readonly audiences: Audiences;
  readonly caps: Caps;
  /** How many messages a month each of its people may have got, this one included. */
  readonly limitOf: (campaign: Campaign) => number;
  /** Who is left out whatever the cap. */
  readonly openExclusion: OpenExclusion;
};

/** People held in memory at once, 29 bytes each: a longer list is read that many times oftener. */
const HELD_PEOPLE = 1_500_000;

/**
 * Admits a campaign's list under the monthly cap, hash shard by hash shard (MECHANICS section 3); who is
 * excluded takes no message of the month. Each shard is admitted once, whoever tries it how often: what was
 * said of its people then stands. Read on in `plan.ts`.
 */
export function createAdmit({ audiences, caps, limitOf, openExclusion }: Parts) {
  return {
    /** Reserves a message for everybody who may get one; false when the campaign is no longer preparing. */
    async reserve(campaign: Campaign, month: string): Promise<boolean> {
      const done = await audiences.tallies(campaign);
      const todo = (shard: number) => done[shard] === undefined;
      const excludedAmong = await openExclusion(campaign);
      let preparing = true;
      await eachShard(campaign, todo, async (shard, peopleOf) => {
        preparing &&= await reserveShard(campaign, month, { shard, peopleOf, excludedAmong });
        return preparing;
      });
      return preparing;
    },

    /** What `reserve` would do, as of now, without doing it. */
    async count(campaign: Campaign, month: string): Promise<Tally> {
      const sum = { admitted: 0, capped: 0, excluded: 0, duplicate: 0 };
      const excludedAmong = await openExclusion(campaign);
      await eachShard(
        campaign,
        () => true,
        async (shard, peopleOf) => {
          const { base, people: counts } = await caps.read({ account: campaign.account, month }, shard);
          const lists = await sort(peopleOf(), counts, limitOf(campaign) - base, excludedAmong);
          sum.admitted += lists.admitted.length;
          sum.capped += lists.capped.length;
          sum.excluded += lists.excluded.length;
          sum.duplicate += lists.duplicate;
          return true;
        },
      );
      return sum;
    },
  };

  async function reserveShard(
    campaign: Campaign,
    month: string,
    { shard, peopleOf, excludedAmong }: Shard,
  ): Promise<boolean> {
    for (;;) {
      const read = await caps.read({ account: campaign.account, month }, shard);
      const lists = await sort(peopleOf(), read.people, limitOf(campaign) - read.base, excludedAmong);
      const word = await audiences.admit(campaign, month, { shard, read, ...lists });
      if (word !== "conflict") return word !== "stopped";
    }
  }

  /** Hands out the people of each shard that has any, one after the other, until one answers false. */
  async function eachShard(
    campaign: Campaign,
    wanted: (shard: number) => boolean,
    deed: (shard: number, peopleOf: () => readonly OpenId[]) => Promise<boolean>,
  ): Promise<void> {
    const { shards, audience } = campaign;
    const passes = Math.ceil(Math.max(1, audience.received) / HELD_PEOPLE);
    const width = Math.ceil(shards / passes);
    const todo = Array.from({ length: shards }, (_, shard) => shard).filter(wanted);
    const list = createSortedList(shards);
    for (let first = 0; first < todo.length; first += width) {
      const pass = new Set(todo.slice(first, first + width));
      for await (const lines of audiences.readList(campaign)) list.add(lines, (shard) => pass.has(shard));
      for (const shard of [...pass].filter(list.has)) {
        if (!(await deed(shard, () => list.people(shard)))) return;
        list.drop(shard);
      }
    }
  }
}

export type Admit = ReturnType<typeof createAdmit>;

type Shard = {
  readonly shard: number;
  readonly peopleOf: () => readonly OpenId[];
  readonly excludedAmong: ExcludedAmong;
};

/** What becomes of the people of one shard; those who are admitted are counted in `counts`. */
async function sort(
  people: readonly OpenId[],
  counts: CapShard,
  limit: number,
  excludedAmong: ExcludedAmong,
) {
  const distinct = [...new Set(people)];
  const out = await excludedAmong(distinct);
  const left = out.size === 0 ? distinct : distinct.filter((openid) => !out.has(openid));
  const duplicate = people.length - distinct.length;
  return { ...admitUnder(counts, left, limit), excluded: [...out], duplicate };
}
