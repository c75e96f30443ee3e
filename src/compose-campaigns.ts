import type { Account } from "./campaign/account.ts";
import { createDryRun } from "./campaign/dry-run.ts";
import type { ListId, StoredList } from "./campaign/list.ts";
import type { CampaignDesk, HeldList } from "./cli/campaign-desk.ts";
import type { Clock } from "./clock.ts";
import { createNotifyFault } from "./compose-notify.ts";
import { createReviewDesk } from "./compose-review.ts";
import { createLedger, createServerSteps, type Ledger } from "./compose-steps.ts";
import type { Config } from "./config.ts";
import { viewBatch, viewCampaign } from "./http/campaign-view.ts";
import type { Logger } from "./log.ts";
import { openQueues } from "./queues/queues.ts";
import { createAudiences } from "./store/audiences.ts";
import { createAudits } from "./store/audits.ts";
import { createBatches } from "./store/batches.ts";
import { createBeat } from "./store/beat.ts";
import { createCampaigns } from "./store/campaigns.ts";
import type { Keys } from "./store/keys.ts";
import { createLists } from "./store/lists.ts";
import { createLookup } from "./store/lookup.ts";
import { createOutlook } from "./store/outlook.ts";
import { createQuotas } from "./store/quotas.ts";
import { createRecipients } from "./store/recipients.ts";
import type { RedisClient } from "./store/script.ts";

type Parts = {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly config: Pick<Config, "accounts" | "sendTimeoutMs" | "webhookSecrets" | "allowPrivateUrls">;
  readonly clock: Clock;
  readonly log: Logger;
};

type Lists = Ledger["lists"];

/** What the command line does with campaigns: as the server does it. Queues are opened for what wakes somebody. */
export function createCampaignDesk({ redis, keys, config, clock, log }: Parts): CampaignDesk["campaigns"] {
  const campaigns = createCampaigns(redis, keys);
  const batches = createBatches(redis, keys);
  const audiences = createAudiences(redis, keys);
  const lists = createLists(redis, keys);
  const accounts = new Map<string, Account>(config.accounts.map((account) => [account.id, account]));
  const all = createRecipients(audiences);
  const notifyFault = createNotifyFault(config);

  const withSteps = async <Value>(
    deed: (steps: ReturnType<typeof createServerSteps>, ledger: Ledger) => Promise<Value>,
    read: Lists = lists,
  ): Promise<Value> => {
    const queues = openQueues({ connection: redis, prefix: keys.root });
    try {
      await queues.ready();
      const parts = { redis, keys, queues, settings: config, notifyFault, clock, log };
      const ledger = { ...createLedger({ ...parts, accounts: config.accounts }), lists: read };
      const { restoredFrom } = createBeat(redis, keys);
      return await deed(createServerSteps(ledger, { settings: config, restoredFrom }), ledger);
    } finally {
      await queues.close();
    }
  };

  const withReviews = <Value>(deed: (reviews: ReturnType<typeof createReviewDesk>) => Promise<Value>) =>
    withSteps(({ takeIn }, ledger) => deed(createReviewDesk({ ...ledger, takeIn })));

  return {
    ...{ accounts, lists, view: viewCampaign, viewBatch },
    find: campaigns.find,
    list: createLookup(campaigns, batches, audiences).list,
    batchesOf: batches.of,
    recipients: async function* (campaign) {
      yield* all(campaign, await batches.of(campaign));
    },
    plan: (body, held) =>
      withSteps(({ countAudience }, ledger) => {
        const quotaOf = createQuotas(redis, keys).read;
        const outlookOf = createOutlook({ ...ledger, quotaOf });
        return createDryRun({ accounts, outlookOf, count: countAudience, notifyFault, clock })(body);
      }, held && besides(lists, held)),
    takeIn: (id, body) => withSteps(({ takeIn }) => takeIn(id, body)),
    move: (id, move, by) => withSteps(({ moves }) => moves.campaign(id, move, by)),
    moveAccount: (account, move, by) => withSteps(({ moves }) => moves.account(account, move, by)),
    reviews: {
      open: (account, page) => withReviews(({ open }) => open(account, page)),
      look: (id, number) => withReviews(({ look }) => look(id, number)),
      settle: (id, number, wish) => withReviews(({ settle }) => settle(id, number, wish)),
      planAgain: (id, wish) => withReviews(({ planAgain }) => planAgain(id, wish)),
      sendAgain: (id, wish, by) => withReviews(({ sendAgain }) => sendAgain(id, wish, by)),
      audit: createAudits(redis, keys),
    },
    removeList: (id) => withSteps(({ forgetList }) => forgetList(id)),
    now: clock.now,
  };
}

/** Stored lists, and one that is not. */
function besides(lists: Lists, held: HeldList): Lists {
  const { id, received, invalid } = held;
  const known: StoredList = {
    ...{ id, received, invalid, chunks: 0, sha256: "", state: "ready" },
    ...{ createdAt: 0, usedAt: 0 },
  };
  return {
    ...lists,
    find: async (asked: ListId) => (asked === id ? known : lists.find(asked)),
    read: (list) => (list.id === id ? lines(held) : lists.read(list)),
  };
}

async function* lines({ lines: all }: HeldList): AsyncGenerator<Buffer> {
  yield* all();
}
