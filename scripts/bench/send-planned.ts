import { setTimeout as sleep } from "node:timers/promises";
import { batchId } from "../../src/campaign/batch.ts";
import { monthOf } from "../../src/campaign/calendar.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { systemClock } from "../../src/clock.ts";
import { openWorkerProcess } from "../../src/compose.ts";
import { createLogger } from "../../src/log.ts";
import { openQueues, type Queues } from "../../src/queues/queues.ts";
import { newAttempt } from "../../src/store/attempt.ts";
import { createAudiences } from "../../src/store/audiences.ts";
import { createBatches } from "../../src/store/batches.ts";
import { createCampaigns, type NewCampaign } from "../../src/store/campaigns.ts";
import { createKeys } from "../../src/store/keys.ts";
import type { openRedis } from "../../src/store/redis.ts";
import type { Call } from "../../src/wechat/client.ts";
import { createDeliver } from "../../workers/callback.ts";
import { createWake } from "../../workers/wake.ts";
import { workerConfig } from "./config.ts";

export type Redis = Awaited<ReturnType<typeof openRedis>>["redis"];

/** A campaign of batches of two, put into the ledger by the bench. */
export type Planned = { readonly account: string; readonly id: string; readonly batches: number };

const MONTHS = 12;

/** Batch jobs in hand at once. */
export const CONCURRENCY = 50;

/**
 * Has one worker send planned campaigns through a WeChat that is a function: it answers after `answerMs`, and
 * its callback follows at once. Answers when the last batch of each campaign was closed, in milliseconds from
 * when the jobs were added, in the order of `jobs`.
 */
export async function sendPlanned(
  { url, redis, name }: { url: string; redis: Redis; name: string },
  campaigns: readonly Planned[],
  { answerMs = 0, sideBySide = false }: { answerMs?: number; sideBySide?: boolean },
): Promise<number[]> {
  const keys = createKeys(name);
  const queues = openQueues({ connection: redis, prefix: keys.root });
  const batches = createBatches(redis, keys);
  for (const [index, campaign] of campaigns.entries())
    await fillLedger(redis, keys, campaign, index % MONTHS);
  const jobs = sideBySide ? weave(campaigns.map(jobsOf)) : campaigns.flatMap(jobsOf);

  const deliver = createDeliver({
    ...{ batches, clock: systemClock, log: createLogger("silent") },
    wake: createWake({ queues, batches, clock: systemClock }),
    ...{ correct: async () => {}, passEvent: async () => {} },
  });
  const left = new Map(campaigns.map(({ id, batches }) => [id, batches]));
  const endedAt = new Map<string, number>();
  let allEnded = () => {};
  const ended = new Promise<void>((resolve) => {
    allEnded = resolve;
  });
  const callBack = async (account: string, msgId: string, campaign: string) => {
    const counts = { total: 2, filter: 2, sent: 2, error: 0 };
    const result = { kind: "mass-result", msgId, status: "success", rawStatus: "send success" } as const;
    await deliver(account, { ...result, counts, articleUrls: [] });
    const count = (left.get(campaign) ?? 0) - 1;
    left.set(campaign, count);
    if (count === 0) endedAt.set(campaign, performance.now());
    if (endedAt.size === campaigns.length) allEnded();
  };

  const accounts = [...new Set(campaigns.map(({ account }) => account))];
  const worker = await openWorkerProcess(workerConfig(url, accounts, CONCURRENCY), {
    name,
    callOf: (account) => createWechat(answerMs, (msgId, campaign) => void callBack(account, msgId, campaign)),
  });
  const startedAt = performance.now();
  await queues.addBatches(jobs);
  await ended;
  await worker.close();
  await queues.close();
  return campaigns.map(({ id }) => (endedAt.get(id) ?? Number.NaN) - startedAt);
}

type Jobs = Parameters<Queues["addBatches"]>[0];

function jobsOf({ account, id, batches }: Planned): Jobs {
  const campaign = id as CampaignId;
  return Array.from({ length: batches }, (_, index) => {
    const number = index + 1;
    return { id: batchId(campaign, number), data: { account, campaign, number }, delayMs: 0 };
  });
}

/** The first job of each, then the second of each … */
function weave(all: readonly Jobs[]): Jobs {
  const longest = Math.max(...all.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => all.flatMap((jobs) => jobs[index] ?? [])).flat();
}

/** In a month that other campaigns of the account do not have: their caps are out of each other's way. */
async function fillLedger(
  redis: Redis,
  keys: ReturnType<typeof createKeys>,
  of: Planned,
  monthsAhead: number,
): Promise<void> {
  const campaigns = createCampaigns(redis, keys);
  const audiences = createAudiences(redis, keys);
  const batches = createBatches(redis, keys);
  const { account, batches: planned } = of;
  const address = { account, id: of.id as CampaignId };
  const people = planned * 2;
  const audience = { received: people, invalid: 0, duplicate: 0, excluded: 0, capped: 0, admitted: people };
  const record: NewCampaign = {
    ...{ ...address, audience, chunks: 0, digest: "", stamp: 0, createdAt: 0, shards: 1 },
    sendIgnoreReprint: 0,
    // Its words name the campaign, by which the WeChat below tells whose batch was sent.
    message: { msgtype: "text", text: { content: of.id } },
  };
  await campaigns.create(record, newAttempt(address), []);
  const campaign = await campaigns.get(address);
  const openids = Array.from(
    { length: people },
    (_, index) => `oBench${String(index).padStart(22, "0")}` as OpenId,
  );
  const read = { base: 0, version: 0, people: new Map() };
  const month = `2100-${String(monthsAhead + 1).padStart(2, "0")}`;
  await audiences.admit(campaign, month, {
    shard: 0,
    read,
    admitted: openids,
    capped: [],
    excluded: [],
    duplicate: 0,
  });
  for (let index = 0; index < planned; index++)
    await batches.add(account, {
      campaign: address.id,
      number: index + 1,
      size: 2,
      month: monthOf(systemClock.now()),
      from: { shard: 0, offset: index * 2 },
      to: { shard: 0, offset: index * 2 + 2 },
      clientmsgid: `${of.id}-${index}`,
    });
  await campaigns.startSending(campaign, { planned, audience, sendableAt: 0 });
}

/** Answers every call, and every send with its callback right after. */
function createWechat(answerMs: number, onAccepted: (msgId: string, campaign: string) => void): Call {
  let next = 3_147_483_648;
  return async ({ path, body }) => {
    if (path.endsWith("token"))
      return { kind: "answered", body: { access_token: "bench", expires_in: 7_200 } };
    if (answerMs > 0) await sleep(answerMs);
    const msgId = next++;
    const campaign = (JSON.parse(body ?? "") as { text: { content: string } }).text.content;
    setImmediate(() => onAccepted(String(msgId), campaign));
    return { kind: "answered", body: { errcode: 0, errmsg: "send job submission success", msg_id: msgId } };
  };
}
