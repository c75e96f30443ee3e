import type { Campaign } from "../src/campaign/campaign.ts";
import { admitUnder } from "../src/campaign/cap.ts";
import type { OpenId } from "../src/campaign/openid.ts";
import { createSortedList } from "../src/campaign/sorted-list.ts";
import type { Audiences, Tally } from "../src/store/audiences.ts";
import type { Caps } from "../src/store/caps.ts";

type Parts = {
  readonly audiences: Audiences;
  readonly caps: Caps;
  /** How many messages a month each of its people may have got, this one included. */
  readonly limitOf: (campaign: Campaign) => number;
};

/** People held in memory at once, 29 bytes each: a longer list is read that many times oftener. */
const HELD_PEOPLE = 1_500_000;

/**
 * Admits a campaign's list under the monthly cap, hash shard by hash shard (MECHANICS section 3). Each
 * shard is admitted once, whoever tries it how often. Read on in `plan.ts`.
 */
export function createAdmit({ audiences, caps, limitOf }: Parts) {
  return {
    /** Reserves a message for everybody who may get one; false when the campaign is no longer preparing. */
    async reserve(campaign: Campaign, month: string): Promise<boolean> {
      const done = await audiences.tallies(campaign);
      const todo = (shard: number) => done[shard] === undefined;
      let preparing = true;
      await eachShard(campaign, todo, async (shard, peopleOf) => {
        preparing &&= await reserveShard(campaign, month, shard, peopleOf);
        return preparing;
      });
      return preparing;
    },

    /** What `reserve` would do, as of now, without doing it. */
    async count(campaign: Campaign, month: string): Promise<Tally> {
      const sum = { admitted: 0, capped: 0, duplicate: 0 };
      await eachShard(
        campaign,
        () => true,
        async (shard, peopleOf) => {
          const { base, people: counts } = await caps.read({ account: campaign.account, month }, shard);
          const people = peopleOf();
          const distinct = new Set(people);
          const { admitted, capped } = admitUnder(counts, distinct, limitOf(campaign) - base);
          sum.admitted += admitted.length;
          sum.capped += capped.length;
          sum.duplicate += people.length - distinct.size;
          return true;
        },
      );
      return sum;
    },
  };

  async function reserveShard(
    campaign: Campaign,
    month: string,
    shard: number,
    peopleOf: () => readonly OpenId[],
  ): Promise<boolean> {
    for (;;) {
      const read = await caps.read({ account: campaign.account, month }, shard);
      const people = peopleOf();
      const distinct = new Set(people);
      const duplicate = people.length - distinct.size;
      const lists = admitUnder(read.people, distinct, limitOf(campaign) - read.base);
      const word = await audiences.admit(campaign, month, { shard, read, ...lists, duplicate });
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
