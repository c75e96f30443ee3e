import { openBeat } from "../workers/beat.ts";
import { openReconciling } from "../workers/keep-reconciling.ts";
import { createDryRun } from "./campaign/dry-run.ts";
import { type Clock, systemClock } from "./clock.ts";
import { openCallbacks } from "./compose-callbacks.ts";
import { createConsole } from "./compose-console.ts";
import { createDesk } from "./compose-desk.ts";
import { openEvents } from "./compose-events.ts";
import { createServerMetrics, createWatch, createWorkerMetrics } from "./compose-metrics.ts";
import { createNotifyFault, openNotify } from "./compose-notify.ts";
import { createRetireAll } from "./compose-retire.ts";
import { createReviewDesk } from "./compose-review.ts";
import { createLedger, createServerSteps, createWorkerSteps } from "./compose-steps.ts";
import { openWechat } from "./compose-wechat.ts";
import type { Config } from "./config.ts";
import { Failure } from "./failure.ts";
import { openFetch } from "./fetch/fetch.ts";
import { createResolve } from "./fetch/public-address.ts";
import { createApp } from "./http/app.ts";
import { openServer as listen } from "./http/server.ts";
import { createLogger, type Logger } from "./log.ts";
import { type Opened, opening } from "./opening.ts";
import { openQueues, QUEUE } from "./queues/queues.ts";
import { openWorker } from "./queues/worker.ts";
import { createBeat } from "./store/beat.ts";
import { createBookings } from "./store/bookings.ts";
import { createCalls } from "./store/calls.ts";
import { createDurability } from "./store/durability.ts";
import { createKeys } from "./store/keys.ts";
import { createLookup } from "./store/lookup.ts";
import { createOutlook } from "./store/outlook.ts";
import { createQuotas } from "./store/quotas.ts";
import { openRedis } from "./store/redis.ts";
import { isRedisAway } from "./store/redis-away.ts";
import { createSkewMeter, openClockWatch } from "./store/redis-clock.ts";
import { readUptimeMs } from "./store/redis-server.ts";
import { createUnclaimed } from "./store/unclaimed.ts";
import { createUploads } from "./store/uploads.ts";
import type { Call } from "./wechat/client.ts";

/** The tests' only seam: everything else is wired the same everywhere. */
export type Overrides = {
  readonly clock?: Clock;
  readonly log?: Logger;
  /** In place of `qunfa` in every key. */
  readonly name?: string;
  /** In place of HTTP to WeChat, for an account. */
  readonly callOf?: (account: string) => Call;
};

/** How long what is in hand may take to finish; then it is parked (CONTRACT section 1: 25 s in all). */
const STOP_MS = 21_500;

/** Receivers that are slow hold up no others. */
const NOTIFY_AT_ONCE = 20;

/** Opens a process. A Redis that goes away amid it is told as such: whoever started the process starts it again. */
async function starting<Value>(open: (opened: Opened) => Promise<Value>): Promise<Value> {
  try {
    return await opening(open);
  } catch (error) {
    if (error instanceof Failure || !isRedisAway(error)) throw error;
    throw new Failure("REDIS_AWAY", "Redis has stopped answering.", { cause: error });
  }
}

/** What server and worker share: Redis, the ledger and the queues. */
async function openLedger(config: Config, role: "worker" | "server", overrides: Overrides, opened: Opened) {
  const { clock = systemClock, log = createLogger(config.logLevel) } = overrides;
  const { redis, server, close } = await openRedis(config.redisUrls, role, log);
  opened.push(close);
  opened.push(openClockWatch(createSkewMeter(redis, clock), log).close);
  const keys = createKeys(overrides.name);
  const connection = { connection: redis, prefix: keys.root };
  const queues = openQueues(connection);
  opened.push(queues.close);
  await queues.ready();
  const { accounts } = config;
  const watch = createWatch(
    role,
    accounts.map(({ id }) => id),
  );
  const { onClose } = watch;
  const notifyFault = createNotifyFault(config);
  const parts = { redis, keys, queues, accounts, settings: config, onClose, notifyFault, clock, log };
  const ledger = createLedger(parts);
  return { ...ledger, server, connection, watch, watchCall: watch.wechat };
}

/** A worker process: takes campaigns and batches from their queues until it is closed. */
export function openWorkerProcess(config: Config, overrides: Overrides = {}) {
  return starting(async (opened) => {
    const ledger = await openLedger(config, "worker", overrides, opened);
    const { queues, batches, watch, log } = ledger;
    const { countWorkers } = queues;
    const metrics = createWorkerMetrics({ ...ledger, config, countWorkers }, opened);
    const wechatOf = openWechat(config, { ...ledger, callOf: overrides.callOf }, opened);
    const beats = createBeat(ledger.redis, ledger.keys);
    const onDrop = (listener: () => void) => ledger.redis.on("close", listener);
    const beat = await openBeat({
      ...ledger,
      beats,
      uptimeMs: () => readUptimeMs(ledger.redis),
      onDrop,
      accounts: [...ledger.accounts.keys()],
    });
    opened.push(beat.close);
    const resolve = createResolve();
    const fetch = openFetch({ allowPrivate: config.allowPrivateUrls, resolve });
    opened.push(fetch.close);
    const files = { fetchUrl: fetch.fetchUrl, readUpload: createUploads(ledger.redis, ledger.keys).read };
    let quiet = false;
    const steps = createWorkerSteps(ledger, {
      settings: config,
      wechatOf,
      files,
      calls: watch.calls(beat.guard(createCalls(ledger.redis, ledger.keys)), batches),
      restoredFrom: beats.restoredFrom,
      makeDurable: createDurability(ledger.redis, ledger.server, log),
      retireAll: createRetireAll(ledger, config),
      stopping: () => quiet,
      onRepairs: metrics.onRepairs,
    });

    const notify = openNotify(ledger, { ...config, resolve, onEnd: metrics.onNotified }, opened);
    const shared = {
      ...ledger.connection,
      lockMs: config.lockMs,
      jobRetentionMs: config.jobRetentionMs,
      log,
      isRedisAway,
    };
    const workers = [
      // One at a time: a plan holds a whole list in memory.
      openWorker({ ...shared, queue: QUEUE.campaigns, concurrency: 1 }, steps.campaign),
      openWorker({ ...shared, queue: QUEUE.batches, concurrency: config.concurrency }, steps.batch),
      // Two: the reconciler goes on while a list of followers is read.
      openWorker({ ...shared, queue: QUEUE.reconcile, concurrency: 2 }, steps.chore),
      openWorker({ ...shared, queue: QUEUE.notify, concurrency: NOTIFY_AT_ONCE }, notify),
    ];
    opened.push(() => Promise.all(workers.map((worker) => worker.close(STOP_MS))));
    await Promise.all(workers.map((worker) => worker.ready()));
    const reconciling = await openReconciling({ queues, everyMs: config.reconcileMs, log });
    opened.push(reconciling.close);
    const watched = { metrics: await metrics.listen() };
    log.info(
      { accounts: config.accounts.length, concurrency: config.concurrency, ...watched },
      "The worker is ready",
    );

    return {
      /** Begins no further call, parks or finishes what is in hand. */
      async close(): Promise<void> {
        quiet = true;
        log.info(
          { withinMs: STOP_MS },
          "The worker stops: it takes nothing more, and ends or parks what is in hand",
        );
        await opened.close();
      },
    };
  });
}

/** The server process: HTTP API, WeChat's callbacks and the queue dashboard. */
export function openServerProcess(config: Config, overrides: Overrides = {}) {
  return starting(async (opened) => {
    const ledger = await openLedger(config, "server", overrides, opened);
    const { redis, keys, campaigns, batches, audiences, caps, queues, clock, log } = ledger;
    const unclaimed = createUnclaimed(redis, keys);
    const lookup = createLookup(campaigns, batches, audiences);
    const quotas = createQuotas(redis, keys);
    // By a key: of a cluster PING would ask any node.
    const ping = () => redis.exists(keys.campaignIndex);
    const metrics = createServerMetrics({ ...ledger, accounts: config.accounts, ping });
    const { moves, deliver, takeIn, countAudience, ...lent } = createServerSteps(
      { ...ledger, batches: ledger.watch.results(batches) },
      { settings: config, restoredFrom: createBeat(redis, keys).restoredFrom },
    );
    const wechatOf = openWechat(config, { ...ledger, callOf: overrides.callOf }, opened);
    const desk = createDesk({ ...ledger, settings: config, wechatOf, wakeBatch: ledger.wake.batch });
    const callbacks = openCallbacks(
      { accounts: ledger.accounts, deliver, counters: metrics.callbacks, log },
      opened,
    );

    const readable = {
      findCampaign: campaigns.find,
      listCampaigns: lookup.list,
      batchesOf: batches.of,
      findRecipient: lookup.recipient,
    };

    const events = await openEvents(ledger, opened);
    const app = createApp({
      ...createConsole({ ...ledger, config, readable }),
      clock,
      log,
      health: { ping, countWorkers: queues.countWorkers },
      scrape: metrics.scrape,
      onAnswer: metrics.onAnswer,
      accounts: ledger.accounts,
      ledger: readable,
      takeIn,
      lists: {
        store: ledger.lists.store,
        find: ledger.readings.find,
        list: ledger.readings.list,
        remove: (id) => lent.forgetList(id),
        startReading: lent.startReading,
      },
      doNotSend: { ...ledger.doNotSend, addList: lent.addToDoNotSend },
      retentionMs: config.retentionMs,
      readQuota: (account) => quotas.read(account, clock.now()),
      moves,
      dryRun: createDryRun({
        accounts: ledger.accounts,
        outlookOf: createOutlook({ ...ledger, quotaOf: quotas.read }),
        count: countAudience,
        notifyFault: ledger.notifyFault,
        clock,
      }),
      caps,
      externalSends: createBookings(redis, keys, {
        ...{ caps, unclaimed, lists: ledger.lists, keepMs: config.retentionMs },
      }),
      desk,
      reviews: createReviewDesk({ ...ledger, takeIn }),
      keepUpload: createUploads(redis, keys).store,
      callbacks,
      events: events.handler,
    });
    const server = await listen({ app, host: config.host, port: config.port });
    opened.push(() => server.close());
    // First of all, for an open stream would hold up the others.
    opened.push(events.close);
    log.info({ url: server.url }, "The server is ready");
    return {
      ...{ url: server.url, port: server.port },
      async close(): Promise<void> {
        log.info("The server stops: it takes nothing more, and ends what is in hand");
        await opened.close();
      },
    };
  });
}
