import { shardsFor } from "../src/campaign/shard.ts";
import type { Caps } from "../src/store/caps.ts";

type Parts = {
  readonly caps: Caps;
  /** How many followers an account has, if WeChat says so. */
  readonly countFollowers: (account: string) => Promise<number | undefined>;
};

/**
 * The number of hash shards of an account in a month, fixed by the first who needs it: WeChat is asked
 * once a month how many followers there are (MECHANICS section 3). `people` is the list at hand.
 */
export function createOpenMonth({ caps, countFollowers }: Parts) {
  return async (account: string, month: string, people: number): Promise<number> => {
    const known = await caps.month({ account, month });
    if (known.followers !== undefined) return known.shards;
    const followers = await countFollowers(account);
    const shards = shardsFor(followers, people);
    return caps.open({ account, month }, { shards, followers: followers ?? "unknown" });
  };
}

export type OpenMonth = ReturnType<typeof createOpenMonth>;
