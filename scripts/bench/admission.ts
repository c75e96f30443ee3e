import { createHash } from "node:crypto";
import { monthOf } from "../../src/campaign/calendar.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { shardsFor } from "../../src/campaign/shard.ts";
import { systemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import { createAudiences } from "../../src/store/audiences.ts";
import { createCampaigns } from "../../src/store/campaigns.ts";
import { createCaps } from "../../src/store/caps.ts";
import { createKeys } from "../../src/store/keys.ts";
import { openRedis } from "../../src/store/redis.ts";
import { createAdmit } from "../../workers/admit.ts";
import { medianOfPairs, rounded, timeOf } from "./runs.ts";
import type { Redis } from "./send-planned.ts";

const PEOPLE = 1_000_000;
const PIPELINE = 5_000;
const MONTH_SECONDS = 31 * 24 * 3_600;

/** What has run out by now would not be kept. */
const MONTH = monthOf(systemClock.now());

/**
 * A month's counters of a million people, made by admitting them from a stored list into new shards, against
 * an INCR and an EXPIRE for each, pipelined, of the same list in memory: how fast, and how much Redis keeps.
 */
export async function measureAdmission(url: string): Promise<object[]> {
  const { redis, close } = await openRedis([url], "worker", createLogger("silent"));
  const people = Array.from({ length: PEOPLE }, (_, at) => openIdOf(at));
  const bytes = { ours: 0, beside: 0 };
  const rates = await medianOfPairs(
    async (run) => {
      const cap = await admitThrough(redis, `admit-${run}`, people);
      bytes.ours = cap.bytes;
      return cap.rate;
    },
    async (run) => {
      const before = await memoryOf(redis);
      const ms = await timeOf(() => countNaively(redis, `naive-${run}`, people));
      bytes.beside = (await memoryOf(redis)) - before;
      await redis.flushdb();
      return (1_000 * PEOPLE) / ms;
    },
  );
  await close();
  return [
    {
      bench: "admission",
      ...{ people: PEOPLE, perSecond: rounded(rates.ours, 0), incrExpirePerSecond: rounded(rates.beside, 0) },
      timesAsFast: rounded(1 / rates.ratio),
    },
    {
      bench: "cap-memory",
      ...{ people: PEOPLE, bytesAUser: rounded(bytes.ours / PEOPLE) },
      aKeyEachBytesAUser: rounded(bytes.beside / PEOPLE),
    },
  ];
}

/** As random as WeChat's: neighbours have nothing in common. */
function openIdOf(at: number): OpenId {
  return `o${createHash("sha1").update(String(at)).digest("base64url")}` as OpenId;
}

async function admitThrough(redis: Redis, name: string, people: readonly OpenId[]) {
  const keys = createKeys(name);
  const account = "bench";
  const campaigns = createCampaigns(redis, keys);
  const audiences = createAudiences(redis, keys);
  const caps = createCaps(redis, keys);
  const address = { account, id: "campaign" as CampaignId };
  const chunks = await audiences.storeList(address, people, []);
  const none = { invalid: 0, duplicate: 0, excluded: 0, capped: 0, admitted: 0 };
  await campaigns.create({
    ...{ ...address, chunks, digest: "", stamp: 0, createdAt: 0, shards: shardsFor(PEOPLE, PEOPLE) },
    audience: { received: people.length, ...none },
    sendIgnoreReprint: 0,
    message: { msgtype: "text", text: { content: "bench" } },
  });
  const campaign = await campaigns.get(address);
  const admit = createAdmit({ audiences, caps, limitOf: () => 4 });
  const ms = await timeOf(() => admit.reserve(campaign, MONTH));

  let bytes = 0;
  for (let shard = 0; shard < campaign.shards; shard++)
    bytes += Number(await redis.memory("USAGE", keys.capShard(account, MONTH, shard), "SAMPLES", 0));
  await redis.flushdb();
  return { rate: (1_000 * people.length) / ms, bytes };
}

async function countNaively(redis: Redis, name: string, people: readonly OpenId[]): Promise<void> {
  for (let start = 0; start < people.length; start += PIPELINE) {
    const pipeline = redis.pipeline();
    for (const openid of people.slice(start, start + PIPELINE)) {
      pipeline.incr(`${name}:${MONTH}:${openid}`);
      pipeline.expire(`${name}:${MONTH}:${openid}`, MONTH_SECONDS);
    }
    await pipeline.exec();
  }
}

async function memoryOf(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
}
