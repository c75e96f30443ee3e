import { Redis } from "ioredis";
import { cutBatches } from "../../src/campaign/cut.ts";
import { createRetireAll } from "../../src/compose-retire.ts";
import { createLedger, createServerSteps, createWorkerSteps } from "../../src/compose-steps.ts";
import { createLogger } from "../../src/log.ts";
import type { Wish } from "../../src/queues/worker.ts";
import { createCalls } from "../../src/store/calls.ts";
import { createKeys } from "../../src/store/keys.ts";
import { createTokens } from "../../src/store/tokens.ts";
import { createAccessToken } from "../../src/wechat/access-token.ts";
import type { Call } from "../../src/wechat/client.ts";
import { createFollowers } from "../../src/wechat/followers.ts";
import { createMass } from "../../src/wechat/mass.ts";
import { createMedia } from "../../src/wechat/media.ts";
import { createTags } from "../../src/wechat/tags.ts";
import { createTestClock } from "../support/clock.ts";
import { randomPrefix } from "../support/prefix.ts";
import { createStoppableGate, type Gate, gatedRedis, open, type Stop } from "./gate.ts";
import { createShelf, type Job } from "./shelf.ts";
import { ACCOUNT, account, createWechat, SEND_TIMEOUT_MS } from "./wechat.ts";

const hour = 3_600_000;
export const RESEND_WAIT_MS = 60_000;

/** CONTRACT section 2's defaults; what has ended is kept, to be looked at. */
export const settings = {
  sendTimeoutMs: SEND_TIMEOUT_MS,
  resendWaitMs: RESEND_WAIT_MS,
  resendWindowMs: 23 * hour,
  giveUpMs: 48 * hour,
  pollMs: [60_000, 120_000, 300_000, 600_000, 1_800_000],
  retentionMs: 1_000 * 24 * hour,
  jobRetentionMs: 1_000 * 24 * hour,
};

const TOKEN_LEASE_MS = 5_000;

/** How often others may go on while a call is on its way. */
const HOPS = 6;

/** The most people of a batch here: many small batches meet more than few big ones. */
const BATCH_MOST = 3;

/**
 * One account's qunfa in one process: workers and a server as `compose.ts` wires them, on a real Redis, each
 * behind a gate of its own, with the sandbox's WeChat, queues in memory and a clock that is moved.
 */
export function openWorld(redisUrl: string, behind: () => Gate = () => open) {
  const redis = new Redis(redisUrl);
  const keys = createKeys(randomPrefix());
  const clock = createTestClock("2031-03-04T12:00:00+08:00");
  const wechat = createWechat(clock);
  const shelf = createShelf(clock.now);
  const logged: string[] = [];
  const log = createLogger("silent");
  for (const level of ["info", "warn", "error"] as const)
    log[level] = (...said: unknown[]) => void logged.push(`${level} ${JSON.stringify(said)}`);

  const notifyFault = () => undefined;

  /** Who fetches a token, and since when: Redis lets that lease lapse by its own clock, so here it is done for it. */
  let lease = { holder: "", since: 0 };

  /** Time passes; what was on its way to WeChat arrives before. */
  async function pass(ms: number): Promise<void> {
    await wechat.arrive();
    const key = keys.tokenLease(ACCOUNT);
    const holder = (await redis.get(key)) ?? "";
    if (holder !== lease.holder) lease = { holder, since: clock.now() };
    clock.advance(ms);
    if (holder !== "" && clock.now() >= lease.since + TOKEN_LEASE_MS) await redis.del(key);
  }

  function createProcess() {
    const stoppable = createStoppableGate(behind);
    const { gate } = stoppable;
    const client = gatedRedis(redis, gate);
    const ledger = createLedger({
      ...{
        redis: client,
        keys,
        queues: shelf.queuesBehind(gate),
        accounts: [account],
        settings,
        notifyFault,
        clock,
        log,
      },
    });
    return { stoppable, gate, client, ledger };
  }

  function createWorker() {
    const { stoppable, gate, client, ledger } = createProcess();
    const call: Call = async (request) => {
      const askedAt = clock.now();
      for (let hop = 0; hop < HOPS; hop++) await gate("on its way", async () => {});
      return gate(`WeChat ${request.path}`, () => wechat.call(request, askedAt));
    };
    const wait = (ms: number) => gate("wait", () => pass(ms));
    const token = createAccessToken({
      account,
      call,
      cache: createTokens(client, keys),
      clock,
      log,
      wait,
    });
    const side = {
      account,
      token,
      mass: createMass({ call, token }),
      followers: createFollowers({ call, token }),
      media: createMedia({ call, token, clock }),
      tags: createTags({ call, token }),
    };
    const steps = createWorkerSteps(ledger, {
      settings,
      wechatOf: () => side,
      files: {
        fetchUrl: () => Promise.reject(new Error("no file is fetched here")),
        readUpload: async () => undefined,
      },
      calls: createCalls(client, keys),
      restoredFrom: async () => 0,
      makeDurable: async () => 2_000,
      retireAll: createRetireAll(ledger, settings),
      stopping: () => false,
      cut: (lengths) => cutBatches(lengths, BATCH_MOST),
    });

    let inHand: { job: Job; number: number } | undefined;

    /** Runs a job until it ends or sleeps, or its worker stops; `queues/worker.ts` and `sleep.ts` in short. */
    async function run(job: Job): Promise<void> {
      const number = shelf.take(job);
      inHand = { job, number };
      const view = shelf.viewOf(job);
      const { replaceData } = view;
      const step = job.queue === "campaigns" ? steps.campaign : steps.batch;
      const wish: Wish = await step({
        ...view,
        replaceData: (data) => gate("updateData", () => replaceData(data)),
      });
      const taken = await gate("moveJob", () => shelf.apply(job, number, wish));
      if (taken && wish.kind === "sleep" && (await wish.changed()))
        await gate("promote", async () => shelf.wake(job));
    }

    /** A deed of this worker, until it is over or the worker stops in it. */
    async function attempt<Value>(deed: () => Promise<Value>, stop?: Stop) {
      const attempted = await stoppable.attempt(deed, stop);
      if (stoppable.isStopped() && inHand) shelf.abandon(inHand.job, inHand.number);
      return attempted;
    }

    return { isStopped: stoppable.isStopped, thaw: stoppable.thaw, attempt, run, reconcile: steps.reconcile };
  }

  function createServer() {
    const { stoppable, gate, ledger } = createProcess();
    const { moves, deliver } = createServerSteps(ledger, {
      restoredFrom: async () => 0,
      settings,
      wait: () => gate("wait", () => pass(1_000)),
    });
    return {
      isStopped: stoppable.isStopped,
      thaw: stoppable.thaw,
      moves,
      deliver: (event: Parameters<typeof deliver>[1], stop?: Stop) =>
        stoppable.attempt(() => deliver(ACCOUNT, event), stop),
    };
  }

  return {
    redis,
    keys,
    clock,
    pass,
    wechat,
    shelf,
    logged: logged as readonly string[],
    /** For those who look: it never stops. */
    ledger: createLedger({
      redis,
      keys,
      queues: shelf.queuesBehind(open),
      accounts: [account],
      settings,
      notifyFault,
      clock,
      log,
    }),
    createWorker,
    createServer,
    async close(): Promise<void> {
      const left = await redis.keys(`{${keys.root.slice(1, -1)}*`);
      if (left.length > 0) await redis.del(left);
      await redis.quit();
    },
  };
}

export type World = ReturnType<typeof openWorld>;
export type ModelWorker = ReturnType<World["createWorker"]>;
export type ModelServer = ReturnType<World["createServer"]>;

export { ACCOUNT };
