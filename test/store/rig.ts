import { Redis } from "ioredis";
import { test as base, inject } from "vitest";
import { type BatchId, type BatchState, clientMsgId } from "../../src/campaign/batch.ts";
import { dayOf, monthOf, nextDay } from "../../src/campaign/calendar.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { newAttempt } from "../../src/store/attempt.ts";
import { createAudiences } from "../../src/store/audiences.ts";
import { createBatches, type PollLimits, type Result } from "../../src/store/batches.ts";
import { createBlocks } from "../../src/store/blocks.ts";
import { createCalls, type Limits } from "../../src/store/calls.ts";
import { createCampaigns, type NewCampaign } from "../../src/store/campaigns.ts";
import { createCaps } from "../../src/store/caps.ts";
import { createDoNotSend } from "../../src/store/do-not-send.ts";
import { createFeed } from "../../src/store/feed.ts";
import { createGathering } from "../../src/store/gathering.ts";
import { type BatchAddress, createKeys, idOf } from "../../src/store/keys.ts";
import { createLists } from "../../src/store/lists.ts";
import { createLook } from "../../src/store/look.ts";
import { createLookup } from "../../src/store/lookup.ts";
import { createMoves } from "../../src/store/moves.ts";
import { createNotifications } from "../../src/store/notifications.ts";
import { createQuotas } from "../../src/store/quotas.ts";
import { createReadings } from "../../src/store/readings.ts";
import { createReservations } from "../../src/store/reservations.ts";
import { createUnfollowed } from "../../src/store/unfollowed.ts";
import { createTestClock } from "../support/clock.ts";
import { randomPrefix } from "../support/prefix.ts";

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

export const account = "acme";
export const text = { msgtype: "text", text: { content: "Hello" } } as const;
export const trouble = { code: "TROUBLE", errcode: -1, message: "busy" };

/** The settings of the CONTRACT's defaults. */
export const timing = { settleMs: 80 * second, leaseMs: 30 * second, resendWindowMs: 23 * hour };

/**
 * A ledger of a test's own on the run's Redis. Its clock stands still at a future noon of Shanghai: Redis
 * itself lets keys expire by the real time, which must not reach them.
 */
export function openRig(start = "2031-03-04T12:00:00+08:00") {
  const redis = new Redis(inject("redisUrl"));
  const name = randomPrefix();
  const keys = createKeys(name);
  const clock = createTestClock(start);
  const campaigns = createCampaigns(redis, keys);
  const batches = createBatches(redis, keys);
  const calls = createCalls(redis, keys);
  const blocks = createBlocks(redis, keys);
  const audiences = createAudiences(redis, keys);
  const caps = createCaps(redis, keys);
  const reservations = createReservations(redis, keys, caps);
  const quotas = createQuotas(redis, keys);
  const moves = createMoves(redis, keys);
  const lookup = createLookup(campaigns, batches, audiences);
  const lists = createLists(redis, keys);
  const look = createLook(redis, keys);
  const unfollowed = createUnfollowed(redis, keys);
  const doNotSend = createDoNotSend(redis, keys);
  const gathering = createGathering(redis, keys);
  const readings = createReadings(redis, keys, lists);

  const limits = (change: Partial<Limits> = {}): Limits => ({
    sendCalls: 100,
    sendUnit: "call",
    minuteCalls: 50,
    day: dayOf(clock.now()),
    month: monthOf(clock.now()),
    dayEndsAt: nextDay(clock.now()),
    ...timing,
    ...change,
  });

  const begin = (address: BatchAddress, change: Partial<Limits> = {}) =>
    calls.begin(address, limits(change), clock.now());

  const rig = {
    redis,
    name,
    keys,
    clock,
    campaigns,
    batches,
    calls,
    blocks,
    audiences,
    lists,
    caps,
    reservations,
    quotas,
    lookup,
    moves,
    unfollowed,
    doNotSend,
    gathering,
    readings,
    notifications: createNotifications(redis, keys),
    feed: createFeed(redis, keys),
    notifyFault: (): string | undefined => undefined,
    limits,
    begin,

    /** What the next step of a batch would see. */
    look: (address: BatchAddress) => look(address, clock.now()),

    /** A new campaign, being prepared. */
    async prepare(id: string, change: Partial<NewCampaign> = {}) {
      const campaign = newCampaign(id, clock.now(), change);
      await campaigns.claim(campaign.id, campaign.account, campaign.createdAt);
      await campaigns.create(campaign, newAttempt(campaign), []);
      return campaigns.get(campaign);
    },

    /** A campaign that is being sent, with batches of these sizes; answers their addresses. */
    async plan(id: string, sizes: readonly number[] = [2]): Promise<BatchAddress[]> {
      const campaign = await rig.prepare(id);
      const addresses = sizes.map((_, index) => ({ account, campaign: campaign.id, number: index + 1 }));
      for (const [index, size] of sizes.entries())
        await batches.add(account, newBatch(campaign.id, index + 1, size, monthOf(clock.now())));
      const audience = { ...campaign.audience, admitted: sizes.reduce((sum, size) => sum + size, 0) };
      await campaigns.startSending(campaign, { planned: sizes.length, audience, sendableAt: clock.now() });
      return addresses;
    },

    /** A campaign of one batch. */
    async planOne(id = "offer"): Promise<BatchAddress> {
      return first(await rig.plan(id));
    },

    /** Begins a call that must be let through; answers its epoch. */
    async go(address: BatchAddress, change: Partial<Limits> = {}): Promise<number> {
      const gate = await begin(address, change);
      if (gate.word !== "go") throw new Error(`begin said ${JSON.stringify(gate)}`);
      return gate.epoch;
    },

    /** The outcomes of a call, with what they need filled in; accepted is the newest, if none is named. */
    accept: async (address: BatchAddress, msgId: string, adopted = false, epoch?: number) => {
      const newest = Number(
        await redis.hget(keys.batch(address.account, address.campaign, address.number), "epoch"),
      );
      return calls.accept(address, { msgId, adopted, epoch: epoch ?? newest }, timing.leaseMs, clock.now());
    },
    doubt: (address: BatchAddress, epoch: number, waitMs = minute, capMs = 4 * hour, elder = false) =>
      calls.doubt(address, { epoch, waitMs, capMs, trouble, elder, leaseMs: timing.leaseMs }, clock.now()),
    postpone: (
      address: BatchAddress,
      epoch: number,
      change: Partial<Parameters<typeof calls.postpone>[1]> = {},
    ) =>
      calls.postpone(
        address,
        {
          ...{ epoch, day: dayOf(clock.now()), sendUnit: "call", leaseMs: timing.leaseMs, trouble },
          ...{ delayMs: 0, capMs: 0, neverLeft: false, stop: false },
          ...change,
        },
        clock.now(),
      ),
    refuse: (
      address: BatchAddress,
      epoch: number,
      scope: "batch" | "campaign" | "review" = "batch",
      change: Partial<Parameters<typeof calls.refuse>[1]> = {},
    ) =>
      calls.refuse(
        address,
        {
          ...{ epoch, day: dayOf(clock.now()), sendUnit: "call", leaseMs: timing.leaseMs, trouble, scope },
          ...change,
        },
        clock.now(),
      ),
    /** Asks for a status poll. */
    poll: (address: BatchAddress, change: Partial<PollLimits> = {}) => {
      const { minuteCalls, day, dayEndsAt } = limits();
      return batches.notePoll(address, { minuteCalls, day, dayEndsAt, ...change }, clock.now());
    },
    /** A result that comes, a callback of success unless told otherwise. */
    end: (address: BatchAddress, change: Partial<Result> = {}) =>
      batches.close(address, { ...succeeded, ...change }, clock.now()),
    drop: async (address: BatchAddress, state: "failed" | "canceled" = "canceled") => {
      const end = { state, by: "campaign", trouble, leaseMs: timing.leaseMs, now: clock.now() } as const;
      return (await batches.drop(address, end)).state;
    },

    /** A batch that is there. */
    async get(address: BatchAddress) {
      const batch = await batches.find(address);
      if (!batch) throw new Error(`no batch ${idOf(address)}`);
      return batch;
    },
    state: async (address: BatchAddress): Promise<BatchState> => (await rig.get(address)).state,
    /** The units of sends that a day has, by name. */
    async units(day = dayOf(clock.now())): Promise<string[]> {
      const fields = await redis.hkeys(keys.quota(account, day));
      return fields.flatMap((field) => (field.startsWith("unit:send/") ? [field.slice(10)] : [])).sort();
    },
    /** As if so many units of sends had been taken on a day. */
    spend: (day: string, units: number, of = account) =>
      redis.hset(keys.quota(of, day), "units:send", units, "calls:send", units, "calls:all", units),
    inDoubt: () => redis.zrange(keys.doubt(account), "0", "-1") as Promise<BatchId[]>,
    setCampaign: (id: string, fields: Record<string, string | number>) =>
      redis.hset(keys.campaign(account, id as CampaignId), fields),
    turnOwner: async () => (await redis.hget(keys.turn(account), "owner")) ?? "",

    /** Every key of this ledger with its content, the turn and its queue left out. */
    async dump(): Promise<Record<string, unknown>> {
      const all = (await redis.keys(`{${name}*`)).sort();
      const left = new Set([keys.turn(account), keys.turnQueue(account)]);
      const kept = all.filter((key) => !left.has(key));
      const contents = await Promise.all(kept.map((key) => contentOf(redis, key)));
      return Object.fromEntries(kept.map((key, index) => [key, contents[index]]));
    },
    quit: () => redis.quit(),
  };
  return rig;
}

export type Rig = ReturnType<typeof openRig>;

/** A test with a ledger of its own. */
export const test = base.extend<{ rig: Rig }>({
  rig: async ({ task: _task }, use) => {
    const rig = openRig();
    await use(rig);
    await rig.quit();
  },
});

export const succeeded: Result = { state: "succeeded", by: "callback", stops: false };

export function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("there is none");
  return item;
}

/** Two batches of one campaign. */
export async function twoOf(rig: Rig, id = "offer"): Promise<[BatchAddress, BatchAddress]> {
  const [one, two] = await rig.plan(id, [2, 2]);
  if (!one || !two) throw new Error("there are not two");
  return [one, two];
}

export function newCampaign(id: string, createdAt: number, change: Partial<NewCampaign> = {}): NewCampaign {
  return {
    id: id as CampaignId,
    account,
    digest: "digest",
    stamp: createdAt,
    message: text,
    sendIgnoreReprint: 0,
    createdAt,
    audience: { received: 0, invalid: 0, duplicate: 0, excluded: 0, capped: 0, admitted: 0 },
    chunks: 0,
    shards: 16,
    ...change,
  };
}

export function newBatch(campaign: CampaignId, number: number, size = 2, month = "2031-03") {
  const members = Array.from({ length: size }, (_, at) => `${number}-${at}`);
  const clientmsgid = clientMsgId({ account, campaign, number, message: text, members });
  const place = { shard: 0, offset: 0 };
  return { campaign, number, size, month, from: place, to: { ...place, offset: size }, clientmsgid };
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case "hash":
      return redis.hgetall(key);
    case "set":
      return (await redis.smembers(key)).sort();
    case "zset":
      return redis.zrange(key, "0", "-1", "WITHSCORES");
    case "stream":
      return redis.xrange(key, "-", "+");
    default:
      return redis.get(key);
  }
}
