import { performance } from "node:perf_hooks";
import { isClosed } from "./campaign/batch.ts";
import { monthOf } from "./campaign/calendar.ts";
import type { Ledger } from "./compose-steps.ts";
import type { Config } from "./config.ts";
import { createClientOf } from "./http/client.ts";
import { createCountWrongKey } from "./http/guesses.ts";
import { inTime } from "./http/in-time.ts";
import { openServer } from "./http/server.ts";
import { createWorkerApp } from "./http/worker-app.ts";
import type { Logger } from "./log.ts";
import { createCallbackCounters, createCallbackDelay } from "./metrics/callbacks.ts";
import { createCampaignEnds } from "./metrics/campaign-ends.ts";
import { createHttpRequests } from "./metrics/http-requests.ts";
import { createLedgerGauges } from "./metrics/ledger.ts";
import { createMeters } from "./metrics/meters.ts";
import { createNotificationEnds } from "./metrics/notifications.ts";
import { createQueueGauges } from "./metrics/queues.ts";
import { oneAtATime, remembered } from "./metrics/remembered.ts";
import { createRepairs } from "./metrics/repairs.ts";
import { createScrape, type Reading } from "./metrics/scrape.ts";
import { createWechatCalls } from "./metrics/wechat-calls.ts";
import type { Opened } from "./opening.ts";
import type { Queues } from "./queues/queues.ts";
import type { Batches } from "./store/batches.ts";
import type { Calls } from "./store/calls.ts";
import { createQuotas } from "./store/quotas.ts";
import { createStandings } from "./store/standings.ts";
import { readVersion } from "./version.ts";
import { Answer } from "./wechat/answer.ts";
import type { Call, Reply } from "./wechat/client.ts";
import { errcodes } from "./wechat/errcodes.ts";

/** Several Prometheus servers that scrape at once cost no more than one. */
const FRESH_MS = 5_000;

/** A month's people are all counted for it: of a million some hundred milliseconds. */
const CAPS = { freshMs: 300_000, staleMs: 3_600_000 };

/** What a process counts as it goes, whichever it is; `compose` puts it between the parts. */
export function createWatch(role: "server" | "worker", accounts: readonly string[]) {
  const meters = createMeters({ role, version: readVersion() });
  const noteCall = createWechatCalls(meters);
  const noteDelay = createCallbackDelay(meters);
  return {
    meters,
    onClose: createCampaignEnds(meters, accounts),

    /** Every call of WeChat's API by account, path and errcode. */
    wechat:
      (account: string, call: Call): Call =>
      async (request) => {
        const begunAt = performance.now();
        const reply = await call(request);
        const seconds = (performance.now() - begunAt) / 1_000;
        noteCall({ account, api: request.path, errcode: errcodeIn(reply), seconds });
        return reply;
      },

    /** How long WeChat's results take that find their batch. One that is stored is never refused for being counted. */
    results: (batches: Batches): Batches => ({
      ...batches,
      async close(address, result, now) {
        const word = await batches.close(address, result, now);
        if (result.by !== "callback" || word === "repeat" || word === "stale") return word;
        const batch = await batches.find(address).catch(() => undefined);
        if (batch?.acceptedAt !== undefined) noteDelay(address.account, (now - batch.acceptedAt) / 1_000);
        return word;
      },
    }),

    /** A result that came before its send was answered took no time at all. */
    calls: (calls: Calls, batches: Pick<Batches, "find">): Calls => ({
      ...calls,
      async accept(address, message, leaseMs, now) {
        const accepted = await calls.accept(address, message, leaseMs, now);
        if (accepted.state === "elder" || accepted.state === "gone" || !isClosed(accepted.state))
          return accepted;
        const batch = await batches.find(address).catch(() => undefined);
        if (batch?.closedBy === "callback" && batch.closedAt === now) noteDelay(address.account, 0);
        return accepted;
      },
    }),
  };
}

export type Watch = ReturnType<typeof createWatch>;

/** The number that WeChat answered, where its pages name it; else what kind of trouble there was. */
function errcodeIn(reply: Reply): string {
  if (reply.kind !== "answered") {
    if (reply.late) return "timeout";
    return reply.kind === "never-left" ? "unreachable" : "unclear";
  }
  const answer = Answer.safeParse(reply.body);
  if (!answer.success) return "unclear";
  const { errcode } = answer.data;
  return errcode === 0 || errcode in errcodes ? String(errcode) : "unlisted";
}

type ServerParts = Pick<Ledger, "redis" | "keys" | "campaigns" | "caps" | "clock"> & {
  readonly accounts: Config["accounts"];
  readonly queues: Queues;
  readonly watch: Watch;
  readonly ping: () => Promise<unknown>;
};

/** What the server counts beside what every process does, and what it reads of ledger and queues at a scrape. */
export function createServerMetrics(parts: ServerParts) {
  const { redis, keys, accounts, queues, caps, clock, watch, ping } = parts;
  const { meters } = watch;
  const ledger = createLedgerGauges(meters);
  const ofQueues = createQueueGauges(meters);
  const standings = createStandings(redis, keys, parts.campaigns);
  const quotas = createQuotas(redis, keys);
  const reading = <Value>(
    name: string,
    read: () => Promise<Value>,
    show: (value: Value) => void,
    keeping: { freshMs: number; staleMs?: number } = { freshMs: FRESH_MS },
  ): Reading => {
    const remember = remembered(read, { clock, ...keeping });
    return {
      name,
      async read() {
        const value = await remember();
        return () => show(value);
      },
    };
  };

  const ofAccount = (account: Config["accounts"][number]): Reading[] => [
    reading(
      "standing",
      () => standings.standing(account.id, clock.now()),
      (standing) => ledger.standing(account.id, standing, clock.now()),
    ),
    reading(
      "doubts",
      () => standings.doubts(account.id, clock.now()),
      (doubts) => ledger.doubts(account.id, doubts, clock.now()),
    ),
    reading(
      "quota",
      () => quotas.read(account, clock.now()),
      (quota) => ledger.quota(account.id, quota),
    ),
    reading(
      "caps",
      () => caps.histogram({ account: account.id, month: monthOf(clock.now()) }),
      ({ users }) => ledger.caps(account.id, users),
      CAPS,
    ),
  ];
  const depths = async () =>
    new Map(
      await Promise.all(queues.all.map(async (queue) => [queue.name, await queue.getJobCounts()] as const)),
    );
  const readings = [
    reading("workers", queues.countWorkers, ofQueues.workers),
    reading("queues", depths, ofQueues.depths),
    ...accounts.flatMap(ofAccount),
  ];
  return {
    onAnswer: createHttpRequests(meters),
    callbacks: createCallbackCounters(
      meters,
      accounts.map(({ id }) => id),
    ),
    scrape: createScrape({ meters, readings, ping: oneAtATime(ping), inTime }),
  };
}

type WorkerParts = Pick<Ledger, "redis" | "keys"> & {
  readonly config: Pick<Config, "apiKeys" | "host" | "trustedProxies" | "metricsPort">;
  readonly countWorkers: () => Promise<number>;
  readonly watch: Watch;
  readonly log: Logger;
};

/** What a worker counts beside; `listen` serves it where a port is set for that, and answers the address. */
export function createWorkerMetrics(parts: WorkerParts, opened: Opened) {
  const { redis, keys, config, watch, log } = parts;
  const { apiKeys, host, metricsPort } = config;
  // A worker's commands wait for a Redis that is away: they would pile up. By a key: of a cluster PING would ask any
  // node.
  const ping = oneAtATime(() => redis.exists(keys.campaignIndex));
  const health = { ping, countWorkers: oneAtATime(parts.countWorkers) };
  const scrape = createScrape({ meters: watch.meters, readings: [], ping, inTime });
  return {
    onRepairs: createRepairs(watch.meters),
    onNotified: createNotificationEnds(watch.meters),
    scrape,
    async listen(): Promise<string | undefined> {
      if (metricsPort === undefined) return undefined;
      const clientOf = createClientOf(config.trustedProxies);
      const countWrongKey = createCountWrongKey(redis, keys.guesses("key"), clientOf);
      const app = createWorkerApp({ apiKeys, host, countWrongKey, health, scrape, log });
      const server = await openServer({ app, host, port: metricsPort, portFrom: "QUNFA_METRICS_PORT" });
      opened.push(() => server.close());
      return server.url;
    },
  };
}
