import { randomBytes } from "node:crypto";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { systemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import { newAttempt } from "../../src/store/attempt.ts";
import { createAudiences } from "../../src/store/audiences.ts";
import { createBatches } from "../../src/store/batches.ts";
import { createCampaigns, type NewCampaign } from "../../src/store/campaigns.ts";
import { createCaps } from "../../src/store/caps.ts";
import { createDoNotSend } from "../../src/store/do-not-send.ts";
import { createKeys } from "../../src/store/keys.ts";
import { openRedis } from "../../src/store/redis.ts";
import { createReservations } from "../../src/store/reservations.ts";
import { createUnfollowed } from "../../src/store/unfollowed.ts";
import { createAdmit } from "../../workers/admit.ts";
import { createExcludeAll } from "../../workers/exclusion.ts";
import { createOpenMonth } from "../../workers/open-month.ts";
import { createPlan } from "../../workers/plan.ts";

/** The ledger as planning needs it, without queues and WeChat, who says that there are so many followers. */
export async function openLedger(url: string, name: string, followers: number) {
  const { redis, close } = await openRedis([url], "worker", createLogger("silent"));
  const keys = createKeys(name);
  const campaigns = createCampaigns(redis, keys);
  const audiences = createAudiences(redis, keys);
  const batches = createBatches(redis, keys);
  const caps = createCaps(redis, keys);
  const doNotSend = createDoNotSend(redis, keys);
  const excludeAll = createExcludeAll({ unfollowed: createUnfollowed(redis, keys), doNotSend });
  const reservations = createReservations(redis, keys, caps);
  const openMonth = createOpenMonth({ caps, countFollowers: async () => followers });
  const admit = createAdmit({
    audiences,
    caps,
    limitOf: () => 4,
    clock: systemClock,
    openExclusion: ({ account }) => excludeAll(account, []),
  });
  const stores = { campaigns, audiences, batches, caps, reservations };
  const plan = createPlan({
    ...{ ...stores, admit, openMonth, clock: systemClock },
    makeDurable: async () => 0,
  });
  const job = { note: async () => {} } as unknown as Parameters<typeof plan>[1];

  /** Takes a campaign in; its list is stored apart. */
  async function takeIn(account: string, id: string, people: number, chunks: number) {
    const address = { account, id: id as CampaignId };
    const audience = { received: people, invalid: 0, duplicate: 0, excluded: 0, capped: 0, admitted: 0 };
    const campaign: NewCampaign = {
      ...{ ...address, audience, chunks, digest: "", stamp: 0, createdAt: 0, shards: 128 },
      sendIgnoreReprint: 0,
      message: { msgtype: "text", text: { content: "bench" } },
    };
    await campaigns.create(campaign, newAttempt(address), []);
    return campaigns.get(address);
  }

  return {
    redis,
    keys,
    ...stores,
    admit,
    openMonth,
    plan: (campaign: Parameters<typeof plan>[0]) => plan(campaign, job),
    takeIn,
    close,

    /** Takes a campaign in and stores its list. */
    async store(account: string, id: string, people: readonly OpenId[]) {
      const { chunks } = await audiences.storeList({ account, id: id as CampaignId }, people);
      return takeIn(account, id, people.length, chunks);
    },

    /** Removes all that an account has. */
    async forget(account: string): Promise<void> {
      const found = await redis.keys(`{${name}:${account}}:*`);
      for (let start = 0; start < found.length; start += 10_000)
        await redis.unlink(found.slice(start, start + 10_000));
    },
  };
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>;

/** People nobody has seen before: 28 characters of base64url, as OpenIDs have. */
export function newPeople(count: number): OpenId[] {
  return Array.from({ length: count }, () => randomBytes(21).toString("base64url") as OpenId);
}
