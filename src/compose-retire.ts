import { createForgetList } from "../workers/forget-list.ts";
import { createRetire } from "../workers/retire.ts";
import { createRetireLists } from "../workers/retire-lists.ts";
import { namedLists } from "./campaign/list.ts";
import type { Ledger } from "./compose-steps.ts";
import { createRetirement } from "./store/retirement.ts";
import { createReviews } from "./store/reviews.ts";

type Settings = { readonly retentionMs: number; readonly jobRetentionMs: number };

/** Removes what is past its retention: campaigns first, then the stored lists that none names any more. */
export function createRetireAll(ledger: Ledger, settings: Settings) {
  const { redis, keys, lists, settle } = ledger;
  const retire = createRetire({
    ...ledger,
    ...settings,
    accounts: [...ledger.accounts.keys()],
    correct: settle.correct,
    retirement: createRetirement(redis, keys),
    reviews: createReviews(redis, keys),
    unpin: async (campaign) => {
      for (const list of namedLists(campaign)) await lists.unpin(list, campaign.id, campaign.closedAt);
    },
  });
  const retireLists = createRetireLists({ ...ledger, ...settings, forgetList: createForgetList(ledger) });
  return async (): Promise<void> => {
    await retire();
    await retireLists();
  };
}
