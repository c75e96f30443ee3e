import type { Campaign } from "../src/campaign/campaign.ts";
import type { Exclusion } from "../src/campaign/exclusion.ts";
import type { Clock } from "../src/clock.ts";
import type { Audiences, Tally } from "../src/store/audiences.ts";
import type { Caps } from "../src/store/caps.ts";
import { createCensus } from "./census.ts";
import { eachShard, type ShardedList, type ShardPeople } from "./each-shard.ts";
import { sortShard } from "./sort-shard.ts";

type Parts = {
  readonly audiences: Audiences;
  readonly caps: Caps;
  /** How many messages a month each of its people may have got, this one included. */
  readonly limitOf: (campaign: Campaign) => number;
  /** Who is left out whatever the cap. */
  readonly openExclusion: (campaign: Campaign) => Promise<Exclusion>;
  readonly clock: Clock;
};

/** When the last of the shards up to one was surely stored, in milliseconds. */
export type StoredAt = (shard: number) => number;

/**
 * Admits a campaign's list under the monthly cap, hash shard by hash shard (MECHANICS section 3); who is
 * excluded takes no message of the month. Each shard is admitted once, whoever tries it how often: what was
 * said of its people then stands. Read on in `plan.ts`.
 */
export function createAdmit({ audiences, caps, limitOf, openExclusion, clock }: Parts) {
  const census = createCensus({ caps });

  return {
    /** Reserves a message for everybody who may get one; undefined when the campaign is no longer preparing. */
    async reserve(campaign: Campaign, month: string): Promise<StoredAt | undefined> {
      const done = await audiences.tallies(campaign);
      // What an earlier run has stored was there before this one looked.
      const lookedAt = clock.now();
      const storedAt = done.map(() => lookedAt);
      const todo = (shard: number) => done[shard] === undefined;
      const exclusion = await openExclusion(campaign);
      let preparing = true;
      const list = { ...listOf(campaign), beside: exclusion.listed };
      await eachShard(list, todo, async (shard, people) => {
        preparing &&= await reserveShard(campaign, month, { shard, people, exclusion });
        storedAt[shard] = clock.now();
        return preparing;
      });
      return preparing ? (shard) => Math.max(...storedAt.slice(0, shard + 1)) : undefined;
    },

    /** What `reserve` would do, as of now, without doing it. */
    async count(campaign: Campaign, month: string): Promise<Tally> {
      const under = { account: campaign.account, month, limit: limitOf(campaign) };
      return census(under, listOf(campaign), await openExclusion(campaign));
    },
  };

  function listOf(campaign: Campaign): ShardedList {
    const { shards, audience } = campaign;
    return { shards, received: audience.received, lines: () => audiences.readList(campaign) };
  }

  async function reserveShard(
    campaign: Campaign,
    month: string,
    { shard, people, exclusion }: Shard,
  ): Promise<boolean> {
    for (;;) {
      const read = await caps.read({ account: campaign.account, month }, shard);
      const lists = await sortShard(people, read.people, limitOf(campaign) - read.base, exclusion);
      const word = await audiences.admit(campaign, month, { shard, read, ...lists });
      if (word !== "conflict") return word !== "stopped";
    }
  }
}

export type Admit = ReturnType<typeof createAdmit>;

type Shard = {
  readonly shard: number;
  readonly people: ShardPeople;
  readonly exclusion: Exclusion;
};
