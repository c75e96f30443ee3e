import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { systemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import { followerOpenid } from "../../src/sandbox/followers.ts";
import { createAudiences } from "../../src/store/audiences.ts";
import { createBatches } from "../../src/store/batches.ts";
import { createCampaigns } from "../../src/store/campaigns.ts";
import { createCaps } from "../../src/store/caps.ts";
import { createKeys } from "../../src/store/keys.ts";
import { openRedis } from "../../src/store/redis.ts";
import { createReservations } from "../../src/store/reservations.ts";
import { createAdmit } from "../../workers/admit.ts";
import { createOpenMonth } from "../../workers/open-month.ts";
import { createPlan } from "../../workers/plan.ts";
import { medianOf, rounded, timeOf } from "./runs.ts";

const PEOPLE = 1_000_000;
const ACCOUNT = "bench";

/** From a stored list to batches ready, against reading and de-duplicating the same list in memory. */
export async function measurePlanning(url: string): Promise<object> {
  const { redis, close } = await openRedis([url], "worker", createLogger("silent"));
  const keys = createKeys("bench");
  const campaigns = createCampaigns(redis, keys);
  const audiences = createAudiences(redis, keys);
  const batches = createBatches(redis, keys);
  const caps = createCaps(redis, keys);
  const reservations = createReservations(redis, keys, caps);
  const plan = createPlan({
    ...{ campaigns, batches, audiences, reservations, makeDurable: async () => 0, clock: systemClock },
    admit: createAdmit({ audiences, caps, limitOf: () => 4 }),
    openMonth: createOpenMonth({ caps, countFollowers: async () => PEOPLE }),
  });
  const people = Array.from({ length: PEOPLE }, (_, index) => followerOpenid(ACCOUNT, index) as OpenId);

  const store = async (id: CampaignId) => {
    const address = { account: ACCOUNT, id };
    const chunks = await audiences.storeList(address, people, []);
    const audience = { received: PEOPLE, invalid: 0, duplicate: 0, excluded: 0, capped: 0, admitted: 0 };
    await campaigns.create({
      ...address,
      audience,
      chunks,
      digest: "",
      stamp: 0,
      createdAt: 0,
      shards: 128,
      sendIgnoreReprint: 0,
      message: { msgtype: "text", text: { content: "bench" } },
    });
    return campaigns.get(address);
  };

  const naiveMs = await medianOf(async (run) => {
    const campaign = await store(`naive-${run}` as CampaignId);
    return timeOf(async () => {
      const seen = new Set<string>();
      for await (const chunk of audiences.readList(campaign)) for (const openid of chunk) seen.add(openid);
    });
  });
  const job = { note: async () => {} } as unknown as Parameters<typeof plan>[1];
  const planMs = await medianOf(async (run) => {
    const campaign = await store(`plan-${run}` as CampaignId);
    return timeOf(() => plan(campaign, job));
  });
  await close();
  return {
    bench: "planning",
    people: PEOPLE,
    planMs: rounded(planMs, 0),
    readAndDedupeMs: rounded(naiveMs, 0),
    ratio: rounded(planMs / naiveMs),
  };
}
