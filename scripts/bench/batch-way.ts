import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue, Worker } from "bullmq";
import { batchId } from "../../src/campaign/batch.ts";
import { monthOf } from "../../src/campaign/calendar.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { systemClock } from "../../src/clock.ts";
import { openWorkerProcess } from "../../src/compose.ts";
import { loadConfig } from "../../src/config.ts";
import { createLogger } from "../../src/log.ts";
import { openQueues, type Queues } from "../../src/queues/queues.ts";
import { createAudiences } from "../../src/store/audiences.ts";
import { createBatches } from "../../src/store/batches.ts";
import { createCampaigns } from "../../src/store/campaigns.ts";
import { createKeys } from "../../src/store/keys.ts";
import { openRedis } from "../../src/store/redis.ts";
import type { Call } from "../../src/wechat/client.ts";
import { createDeliver } from "../../workers/callback.ts";
import { createWake } from "../../workers/wake.ts";
import { medianOfPairs, rounded, timeOf } from "./runs.ts";

const BATCHES = 2_000;
const NO_OPS = 10_000;
const CONCURRENCY = 50;

/**
 * An account has one send at a time. With fewer accounts than batches in hand nearly every batch would
 * wait for its turn, and be run once more for it: `CROWDED` shows what that costs.
 */
const ACCOUNTS = 100;
const CROWDED = 10;

type Redis = Awaited<ReturnType<typeof openRedis>>["redis"];

/**
 * A batch's way from `planned` to closed by its callback, with a WeChat that is a function and answers at
 * once, against BullMQ's own jobs that do nothing.
 */
export async function measureBatchWay(url: string): Promise<object> {
  const { redis, close } = await openRedis([url], "worker", createLogger("silent"));
  const against = (accounts: number) =>
    medianOfPairs(
      (run) => measureBatches(url, redis, { name: `bench-${accounts}-${run}`, accounts }),
      (run) => measureNoOps(redis, `no-op-${accounts}-${run}`),
    );
  const free = await against(ACCOUNTS);
  const crowded = await against(CROWDED);
  await close();
  return {
    bench: "batch-way",
    batches: BATCHES,
    accounts: ACCOUNTS,
    batchesPerSecond: rounded(free.ours, 0),
    noOpJobsPerSecond: rounded(free.beside, 0),
    ratio: rounded(free.ratio, 1),
    waitingForTurns: {
      accounts: CROWDED,
      batchesPerSecond: rounded(crowded.ours, 0),
      noOpJobsPerSecond: rounded(crowded.beside, 0),
      ratio: rounded(crowded.ratio, 1),
    },
  };
}

/** Jobs a second. */
async function measureNoOps(redis: Redis, name: string): Promise<number> {
  const queue = new Queue(name, { connection: redis });
  const jobs = Array.from({ length: NO_OPS }, (_, index) => ({ name: "no-op", data: { index } }));
  for (let start = 0; start < NO_OPS; start += 500) await queue.addBulk(jobs.slice(start, start + 500));
  const done = createCountdown(NO_OPS);
  const worker = new Worker(name, async () => {}, {
    connection: redis,
    concurrency: CONCURRENCY,
    autorun: false,
  });
  worker.on("completed", done.count);
  const ms = await timeOf(async () => {
    void worker.run();
    await done.reached;
  });
  await worker.close();
  await queue.close();
  return (1_000 * NO_OPS) / ms;
}

/** Batches a second. */
async function measureBatches(
  url: string,
  redis: Redis,
  { name, accounts: count }: { name: string; accounts: number },
): Promise<number> {
  const keys = createKeys(name);
  const queues = openQueues({ connection: redis, prefix: keys.root });
  const batches = createBatches(redis, keys);
  const accounts = Array.from({ length: count }, (_, index) => `account-${index}`);
  for (const account of accounts) await fillLedger(redis, keys, account, BATCHES / count);
  const jobs = jobsOf(accounts);

  const done = createCountdown(BATCHES);
  const wake = createWake({ queues, clock: systemClock });
  const deliver = createDeliver({
    batches,
    wake,
    correct: async () => {},
    clock: systemClock,
    log: createLogger("silent"),
  });
  const worker = await openWorkerProcess(configFor(url, accounts), {
    name,
    callOf: (account) =>
      createInstantWechat(async (msgId) => {
        const counts = { total: 2, filter: 2, sent: 2, error: 0 };
        await deliver(account, {
          kind: "mass-result",
          msgId,
          status: "success",
          rawStatus: "send success",
          counts,
          articleUrls: [],
        });
        done.count();
      }),
  });
  const ms = await timeOf(async () => {
    await queues.addBatches(jobs);
    await done.reached;
  });
  await worker.close();
  await queues.close();
  return (1_000 * BATCHES) / ms;
}

/** The accounts' campaigns go out side by side. */
function jobsOf(accounts: readonly string[]): Parameters<Queues["addBatches"]>[0] {
  return Array.from({ length: BATCHES }, (_, index) => {
    const account = accounts[index % accounts.length] as string;
    const campaign = account as CampaignId;
    const number = Math.floor(index / accounts.length) + 1;
    return { id: batchId(campaign, number), data: { account, campaign, number }, delayMs: 0 };
  });
}

/** One campaign of the account's own name, its batches of two planned. */
async function fillLedger(
  redis: Redis,
  keys: ReturnType<typeof createKeys>,
  account: string,
  planned: number,
): Promise<void> {
  const campaigns = createCampaigns(redis, keys);
  const audiences = createAudiences(redis, keys);
  const batches = createBatches(redis, keys);
  const address = { account, id: account as CampaignId };
  const people = planned * 2;
  const audience = { received: people, invalid: 0, duplicate: 0, excluded: 0, capped: 0, admitted: people };
  await campaigns.create({
    ...address,
    audience,
    chunks: 0,
    digest: "",
    stamp: 0,
    createdAt: 0,
    shards: 1,
    sendIgnoreReprint: 0,
    message: { msgtype: "text", text: { content: "bench" } },
  });
  const campaign = await campaigns.get(address);
  const openids = Array.from(
    { length: people },
    (_, index) => `oBench${String(index).padStart(22, "0")}` as OpenId,
  );
  const month = monthOf(systemClock.now());
  const read = { base: 0, version: 0, people: new Map() };
  await audiences.admit(campaign, month, { shard: 0, read, admitted: openids, capped: [], duplicate: 0 });
  for (let index = 0; index < planned; index++)
    await batches.add(account, {
      campaign: address.id,
      number: index + 1,
      size: 2,
      month,
      from: { shard: 0, offset: index * 2 },
      to: { shard: 0, offset: index * 2 + 2 },
      clientmsgid: `${account}-${index}`,
    });
  await campaigns.startSending(campaign, { planned, audience, sendableAt: 0 });
}

/** Answers every call at once, and every send with its callback right after. */
function createInstantWechat(onAccepted: (msgId: string) => Promise<void>): Call {
  let next = 3_147_483_648;
  return async ({ path }) => {
    if (path.endsWith("token"))
      return { kind: "answered", body: { access_token: "bench", expires_in: 7_200 } };
    const msgId = next++;
    setImmediate(() => void onAccepted(String(msgId)));
    return { kind: "answered", body: { errcode: 0, errmsg: "send job submission success", msg_id: msgId } };
  };
}

/** Quotas out of the way. */
function configFor(url: string, accounts: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "qunfa-bench-"));
  const file = join(folder, "accounts.json");
  const limits = { sendCallsPerDay: 1_000_000, callsPerMinute: 1_000_000 };
  const list = accounts.map((id, index) => ({
    ...{ id, appid: `wxbench${index}`, secret: "bench", kind: "service", token: "bench", limits },
  }));
  writeFileSync(file, JSON.stringify({ accounts: list }));
  const env = {
    REDIS_URL: url,
    QUNFA_ACCOUNTS: file,
    QUNFA_CONCURRENCY: String(CONCURRENCY),
    QUNFA_LOG_LEVEL: "silent",
  };
  const config = loadConfig(env, "worker");
  rmSync(folder, { recursive: true });
  return config;
}

function createCountdown(from: number) {
  let left = from;
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const count = () => {
    left -= 1;
    if (left === 0) reach();
  };
  return { count, reached };
}
