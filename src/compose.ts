import { createAdmit } from "../workers/admit.ts";
import { createBatchStep } from "../workers/batch.ts";
import { createDeliver } from "../workers/callback.ts";
import { createCampaignStep } from "../workers/campaign.ts";
import { createDrop } from "../workers/drop.ts";
import { createEnqueue } from "../workers/enqueue.ts";
import { createGiveBack } from "../workers/give-back.ts";
import { createMove } from "../workers/move.ts";
import { createOpenMonth } from "../workers/open-month.ts";
import { createOutcome } from "../workers/outcome.ts";
import { createPlan } from "../workers/plan.ts";
import { createPrepare } from "../workers/prepare.ts";
import { createReadmit } from "../workers/readmit.ts";
import { createReconcile } from "../workers/reconcile.ts";
import { createRetire } from "../workers/retire.ts";
import { createSchedule } from "../workers/schedule.ts";
import { createSend } from "../workers/send.ts";
import { leaseMs } from "../workers/send-limits.ts";
import { createSettle } from "../workers/settle.ts";
import { createTrack } from "../workers/track.ts";
import { createWake } from "../workers/wake.ts";
import type { Account } from "./campaign/account.ts";
import type { Campaign } from "./campaign/campaign.ts";
import { capOf } from "./campaign/cap.ts";
import { createDryRun } from "./campaign/dry-run.ts";
import { type Clock, systemClock } from "./clock.ts";
import { openWechat } from "./compose-wechat.ts";
import type { Config } from "./config.ts";
import { createQueueBoard } from "./console/queue-board.ts";
import { Failure } from "./failure.ts";
import { createApp } from "./http/app.ts";
import { openServer as listen } from "./http/server.ts";
import { createLogger, type Logger } from "./log.ts";
import { type Opened, opening } from "./opening.ts";
import { openQueues, QUEUE } from "./queues/queues.ts";
import { openWorker } from "./queues/worker.ts";
import { createAudiences } from "./store/audiences.ts";
import { createBatches } from "./store/batches.ts";
import { createBlocks } from "./store/blocks.ts";
import { createBookings } from "./store/bookings.ts";
import { createCalls } from "./store/calls.ts";
import { createCampaigns } from "./store/campaigns.ts";
import { createCaps } from "./store/caps.ts";
import { createDurability } from "./store/durability.ts";
import { createKeys } from "./store/keys.ts";
import { createLook } from "./store/look.ts";
import { createLookup } from "./store/lookup.ts";
import { createMoves } from "./store/moves.ts";
import { createOutlook } from "./store/outlook.ts";
import { createQuotas } from "./store/quotas.ts";
import { openRedis, type RedisRole } from "./store/redis.ts";
import { createReservations } from "./store/reservations.ts";
import { createRetirement } from "./store/retirement.ts";
import { createUnclaimed } from "./store/unclaimed.ts";
import { createCallbackReader } from "./wechat/callback.ts";
import type { Call } from "./wechat/client.ts";
import { errcodeOf } from "./wechat/errcodes.ts";

/** The tests' only seam: everything else is wired the same everywhere. */
export type Overrides = {
  readonly clock?: Clock;
  readonly log?: Logger;
  /** In place of `qunfa` in every key. */
  readonly name?: string;
  /** In place of HTTP to WeChat, for an account. */
  readonly callOf?: (account: string) => Call;
};

/** How long a process may take to finish or park what is in hand (CONTRACT section 1: 25 s in all). */
const STOP_MS = 22_000;

/** What server and worker share: Redis, the ledger and the queues. */
async function openLedger(config: Config, role: RedisRole, overrides: Overrides, opened: Opened) {
  const { clock = systemClock, log = createLogger(config.logLevel) } = overrides;
  const { redis, server, close } = await openRedis(config.redisUrls, role, log);
  opened.push(close);
  const keys = createKeys(overrides.name);
  const connection = { connection: redis, prefix: keys.root };
  const queues = openQueues(connection);
  opened.push(queues.close);

  const campaigns = createCampaigns(redis, keys);
  const batches = createBatches(redis, keys);
  const audiences = createAudiences(redis, keys);
  const caps = createCaps(redis, keys);
  const reservations = createReservations(redis, keys, caps);
  const moves = createMoves(redis, keys);
  const stores = { campaigns, batches, audiences, caps, reservations, moves };
  const parts = { redis, keys, queues, ...stores, clock, log };
  const enqueue = createEnqueue(parts);
  const drop = createDrop({ ...parts, leaseMs: leaseMs(config) });
  return {
    ...parts,
    server,
    connection,
    accounts: new Map<string, Account>(config.accounts.map((account) => [account.id, account])),
    wake: createWake(parts),
    settle: createSettle({ ...parts, enqueue, drop, giveBack: createGiveBack(parts) }),
  };
}

/** A worker process: takes campaigns and batches from their queues until it is closed. */
export function openWorkerProcess(config: Config, overrides: Overrides = {}) {
  return opening(async (opened) => {
    const ledger = await openLedger(config, "worker", overrides, opened);
    const { queues, wake, settle, clock, log } = ledger;
    const wechatOf = openWechat(config, { ...ledger, callOf: overrides.callOf }, opened);
    const calls = createCalls(ledger.redis, ledger.keys);
    let quiet = false;

    const record = createOutcome({
      calls,
      tokenOf: (account) => wechatOf(account).token,
      remedyOf: (errcode) => errcodeOf(errcode).remedy,
      wakeBatch: queues.wakeBatch,
      resendWaitMs: config.resendWaitMs,
      clock,
    });
    const stopping = () => quiet;
    const openMonth = createOpenMonth({
      ...ledger,
      countFollowers: (account) => wechatOf(account).followers.count(),
    });
    const limitOf = (campaign: Campaign) => capOf(wechatOf(campaign.account).account, campaign);
    const admit = createAdmit({ ...ledger, limitOf });
    const makeDurable = createDurability(ledger.redis, ledger.server);
    const readmit = createReadmit({ ...ledger, openMonth, limitOf, makeDurable });
    const shares = { ...ledger, calls, wechatOf, settings: config, stopping };
    const kept = {
      correct: settle.correct,
      accounts: [...ledger.accounts.keys()],
      retirement: createRetirement(ledger.redis, ledger.keys),
      retentionMs: config.retentionMs,
      jobRetentionMs: config.jobRetentionMs,
    };
    const retire = createRetire({ ...ledger, ...kept });
    const reconcile = createReconcile({ ...shares, ...kept, leaseMs: leaseMs(config) });
    const steps = {
      campaign: createCampaignStep({
        prepare: createPrepare(ledger),
        schedule: createSchedule(ledger),
        plan: createPlan({
          ...ledger,
          admit,
          openMonth,
          makeDurable,
        }),
        settle: settle.settle,
      }),
      batch: createBatchStep({
        ...ledger,
        look: createLook(ledger.redis, ledger.keys),
        send: createSend({
          ...shares,
          blocks: createBlocks(ledger.redis, ledger.keys),
          record,
          readmit,
          wakeBatch: queues.wakeBatch,
        }),
        track: createTrack(shares),
        wakeCampaign: wake.campaign,
        correct: settle.correct,
        stopping,
      }),
      /** By one worker of all: first what sleeps and should not, then what is past its retention. */
      reconcile: async () => {
        const mended = await reconcile();
        await retire();
        return mended;
      },
    };

    const shared = {
      ...ledger.connection,
      lockMs: config.lockMs,
      jobRetentionMs: config.jobRetentionMs,
      log,
    };
    const workers = [
      // One at a time: a plan holds a whole list in memory.
      openWorker({ ...shared, queue: QUEUE.campaigns, concurrency: 1 }, steps.campaign),
      openWorker({ ...shared, queue: QUEUE.batches, concurrency: config.concurrency }, steps.batch),
      openWorker({ ...shared, queue: QUEUE.reconcile, concurrency: 1 }, steps.reconcile),
    ];
    opened.push(() => Promise.all(workers.map((worker) => worker.close(STOP_MS))));
    await Promise.all(workers.map((worker) => worker.ready()));
    await queues.scheduleReconcile(config.reconcileMs);
    log.info({ accounts: config.accounts.length, concurrency: config.concurrency }, "The worker is ready");

    return {
      /** Begins no further call, parks or finishes what is in hand. */
      async close(): Promise<void> {
        quiet = true;
        await opened.close();
      },
    };
  });
}

/** The server process: HTTP API, WeChat's callbacks and the queue dashboard. */
export function openServerProcess(config: Config, overrides: Overrides = {}) {
  return opening(async (opened) => {
    const ledger = await openLedger(config, "server", overrides, opened);
    const { redis, keys, campaigns, batches, audiences, caps, queues, clock, log } = ledger;
    const unclaimed = createUnclaimed(redis, keys);
    const lookup = createLookup(campaigns, batches, audiences);
    const quotas = createQuotas(redis, keys);
    const readers = new Map(
      config.accounts.map((account) => [account.id as string, createCallbackReader(account)]),
    );
    const readerOf = (account: string) => {
      const reader = readers.get(account);
      if (!reader) throw new Failure("NOT_FOUND", "There is no such account.");
      return reader;
    };

    const app = createApp({
      apiKeys: config.apiKeys,
      host: config.host,
      clock,
      log,
      pages: { "/queues": createQueueBoard({ queues: queues.all, path: "/queues" }) },
      health: { ping: () => redis.ping(), countWorkers: queues.countWorkers },
      accounts: ledger.accounts,
      ledger: {
        findCampaign: campaigns.find,
        listCampaigns: lookup.list,
        batchesOf: batches.of,
        findRecipient: lookup.recipient,
      },
      readQuota: (account) => quotas.read(account, clock.now()),
      moves: createMove({ ...ledger, sendTimeoutMs: config.sendTimeoutMs }),
      dryRun: createDryRun({
        accounts: ledger.accounts,
        outlookOf: createOutlook({ ...ledger, quotaOf: quotas.read }),
        usedOf: (account, month, people) => caps.usedOf({ account, month }, people),
        clock,
      }),
      caps,
      externalSends: createBookings(redis, keys, { caps, unclaimed, keepMs: config.retentionMs }),
      callbacks: {
        isAccount: (account) => readers.has(account),
        verifyCallback: (account, query) => readerOf(account).verify(query),
        readCallback: (account, query, body) => readerOf(account).read(query, body),
        deliver: createDeliver({ ...ledger, correct: ledger.settle.correct }),
      },
    });
    const server = await listen({ app, host: config.host, port: config.port });
    opened.push(() => server.close());
    log.info({ url: server.url }, "The server is ready");
    return { url: server.url, port: server.port, close: opened.close };
  });
}
