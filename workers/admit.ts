import type { Campaign } from "../src/campaign/campaign.ts";
import { admitUnder } from "../src/campaign/cap.ts";
import type { OpenId } from "../src/campaign/openid.ts";
import { shardOf } from "../src/campaign/shard.ts";
import type { Audiences, Tally } from "../src/store/audiences.ts";
import type { Caps } from "../src/store/caps.ts";

type Parts = {
  readonly audiences: Audiences;
  readonly caps: Caps;
  /** How many messages a month each of its people may have got, this one included. */
  readonly limitOf: (campaign: Campaign) => number;
};

/** People held in memory at once: a longer list is read that many times oftener. */
const HELD_PEOPLE = 1_000_000;

/** Shards on their way to Redis at once: enough to hide its answer times, few enough to hold little. */
const SHARDS_AT_ONCE = 8;

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
      await eachShard(campaign, todo, async (shard, people) => {
        preparing &&= await reserveShard(campaign, month, shard, people);
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
        async (shard, people) => {
          const distinct = new Set(people);
          const { base, people: counts } = await caps.read({ account: campaign.account, month }, shard);
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
    people: readonly OpenId[],
  ): Promise<boolean> {
    const distinct = new Set(people);
    const duplicate = people.length - distinct.size;
    for (;;) {
      const read = await caps.read({ account: campaign.account, month }, shard);
      const lists = admitUnder(read.people, distinct, limitOf(campaign) - read.base);
      const word = await audiences.admit(campaign, month, { shard, read, ...lists, duplicate });
      if (word !== "conflict") return word !== "stopped";
    }
  }

  /** Hands out the people of each shard that has any, several shards at once, until one answers false. */
  async function eachShard(
    campaign: Campaign,
    wanted: (shard: number) => boolean,
    deed: (shard: number, people: readonly OpenId[]) => Promise<boolean>,
  ): Promise<void> {
    const { shards, audience } = campaign;
    const passes = Math.ceil(Math.max(1, audience.received) / HELD_PEOPLE);
    const width = Math.ceil(shards / passes);
    for (let first = 0; first < shards; first += width) {
      const groups = await groupShards(campaign, first, Math.min(first + width, shards), wanted);
      for (let start = 0; start < groups.length; start += SHARDS_AT_ONCE) {
        const slice = groups.slice(start, start + SHARDS_AT_ONCE);
        const goOn = await Promise.all(slice.map(([shard, people]) => deed(shard, people)));
        if (goOn.includes(false)) return;
      }
    }
  }

  async function groupShards(
    campaign: Campaign,
    first: number,
    end: number,
    wanted: (shard: number) => boolean,
  ): Promise<[number, OpenId[]][]> {
    const groups = Array.from({ length: end - first }, (): OpenId[] => []);
    for await (const chunk of audiences.readList(campaign))
      for (const openid of chunk) groups[shardOf(openid, campaign.shards) - first]?.push(openid);
    return groups
      .map((people, index): [number, OpenId[]] => [first + index, people])
      .filter(([shard, people]) => people.length > 0 && wanted(shard));
  }
}

export type Admit = ReturnType<typeof createAdmit>;
