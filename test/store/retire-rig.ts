import { readFileSync } from "node:fs";
import { Account } from "../../src/campaign/account.ts";
import { batchId } from "../../src/campaign/batch.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import type { Queues } from "../../src/queues/queues.ts";
import type { JobView } from "../../src/queues/worker.ts";
import { createContents } from "../../src/store/contents.ts";
import { addressOf, type BatchAddress } from "../../src/store/keys.ts";
import { createRetirement } from "../../src/store/retirement.ts";
import { createReviews } from "../../src/store/reviews.ts";
import { createSeenEvents } from "../../src/store/seen-events.ts";
import { createDeliver } from "../../workers/callback.ts";
import { createPassEvent } from "../../workers/pass-event.ts";
import { createPrepare } from "../../workers/prepare.ts";
import { createRetire } from "../../workers/retire.ts";
import { createWake } from "../../workers/wake.ts";
import { openid, planOf } from "./plan-rig.ts";
import { account, hour, type Rig } from "./rig.ts";
import { createStillQueues, lookAgain, settleOf, silent } from "./step-rig.ts";

export const day = 24 * hour;
export const RETENTION_MS = 30 * day;
export const JOB_RETENTION_MS = 7 * day;

const plain = { appid: "wx0123456789abcdef", secret: "secret", kind: "service", token: "token" };

export const everybody = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => openid(from + at));

type Change = Partial<Parameters<typeof createRetire>[0]>;

/** The steps of a campaign's whole life on a rig, as `compose.ts` wires them, and the end of what is kept of it. */
export function createLife(rig: Rig) {
  const accounts = new Map([[account, Account.parse({ ...plain, id: account })]]);
  const { queues } = createStillQueues();
  const settle = settleOf(rig, { queues, woken: [] });
  const deliver = createDeliver({
    ...rig,
    wake: createWake({ queues, batches: rig.batches, clock: rig.clock }),
    passEvent: createPassEvent({
      ...rig,
      seenEvents: createSeenEvents(rig.redis, rig.keys),
      queues: { addEvent: async () => {} },
      log: silent,
    }),
    correct: settle.correct,
    log: silent,
  });
  const prepare = createPrepare({
    ...rig,
    contents: createContents(rig.redis, rig.keys),
    accounts,
    restoredFrom: async () => 0,
  });
  const retirement = createRetirement(rig.redis, rig.keys);
  const jobs = new Set<string>();
  const retireWith = (change: Change = {}) =>
    createRetire({
      ...rig,
      accounts: [account],
      retirement,
      reviews: createReviews(rig.redis, rig.keys),
      queues: {
        cleanJobs: async () => 0,
        cleanEvents: async () => 0,
        hasCampaign: async (id: CampaignId) => jobs.has(id),
      } satisfies Partial<Queues>,
      correct: settle.correct,
      unpin: async () => {},
      retentionMs: RETENTION_MS,
      jobRetentionMs: JOB_RETENTION_MS,
      log: silent,
      ...change,
    });

  const view = (id: string, data: object): JobView => ({
    ...{ id, data, timestamp: rig.clock.now(), progress: {} },
    note: async () => {},
    report: async () => {},
    replaceData: async () => {},
  });

  const life = {
    retirement,
    retireWith,
    retire: retireWith(),
    settle,
    /** Campaigns whose job is still in its queue. */
    jobs,

    /** Taken in as a job of a producer's is. */
    takeIn: (id: string, openids: readonly unknown[], more: object = {}): Promise<Campaign> =>
      prepare(
        view(id, {
          account,
          message: { msgtype: "text", text: { content: id } },
          audience: { type: "openids", openids },
          ...more,
        }),
      ),

    /** Taken in and planned; answers the addresses of its batches. */
    async plan(id: string, openids: readonly unknown[], more: object = {}): Promise<BatchAddress[]> {
      const campaign = await planOf(rig)(await life.takeIn(id, openids, more), view(id, {}));
      return Array.from({ length: campaign.planned }, (_, at) =>
        addressOf(account, batchId(campaign.id, at + 1)),
      );
    },

    /** What WeChat tells of a msg_id. */
    comes: (msgId: string, status: "success" | "fail" = "success", total = 2) =>
      deliver(account, {
        ...{ kind: "mass-result", msgId, status, rawStatus: `send ${status}` },
        articleUrls: [],
        counts: { total, filter: total, sent: total, error: 0 },
      } as Parameters<typeof deliver>[1]),

    /** What WeChat tells of a person. */
    does: (type: "subscribe" | "unsubscribe" | "CLICK", openid: OpenId) =>
      deliver(account, { kind: "event", type, openid, createdAt: rig.clock.now(), id: `${type}-${openid}` }),

    /** One look of the campaign's job at its batches; answers the state. */
    async follow(id: string): Promise<string> {
      await lookAgain(rig, await life.get(id), settle);
      return (await life.get(id)).state;
    },

    async get(id: string): Promise<Campaign> {
      return rig.campaigns.get({ account, id: id as CampaignId });
    },

    /** A campaign of one batch that has come to its end by a callback. */
    async lived(id: string, msgId: string, people = everybody(2)): Promise<BatchAddress> {
      const [batch] = await life.plan(id, people);
      if (!batch) throw new Error("no batch");
      await rig.go(batch);
      await rig.accept(batch, msgId);
      await life.comes(msgId);
      await life.follow(id);
      return batch;
    },

    keys: async () => (await rig.redis.keys(`{${rig.name}*`)).sort(),

    /** The keys that are left when everything is gone that Redis will have let expire by then. */
    async keysAt(moment: number): Promise<string[]> {
      const left: string[] = [];
      for (const key of await life.keys()) {
        const ttl = await rig.redis.pttl(key);
        if (ttl < 0 || Date.now() + ttl > moment) left.push(key);
      }
      return left;
    },
  };
  return life;
}

export type Life = ReturnType<typeof createLife>;

/**
 * Every kind of key that docs/keys.md names, by its pattern there, but BullMQ's, the workers' beat, and those of
 * uploaded lists and of logins.
 */
export function documentedKinds(name: string): Map<string, RegExp> {
  const rows = readFileSync("docs/keys.md", "utf8").split("\n");
  const kinds = rows.flatMap((row) => {
    const [first] = row.split(" | ");
    const named = row.startsWith("| `{qunfa") && first ? [...first.matchAll(/`([^`]+)`/g)] : [];
    return named.map(([, kind = ""]) => (kind.startsWith(":") ? `{qunfa:<a>}${kind}` : kind));
  });
  const ours = kinds.filter(
    (kind) =>
      !/\*|^\{qunfa\}:(beat|lists|readings)$|^\{qunfa\}:(guesses|ended-login):|^\{qunfa:list|^\{qunfa:<a>\}:(batches|reconcile)/.test(
        kind,
      ),
  );
  const pattern = (kind: string) =>
    kind
      .replace("{qunfa", `{${name}`)
      .split(/<[^>]+>/)
      .map((part) => part.replace(/[{}.]/g, "\\$&"))
      .join("[^:]+");
  return new Map(ours.map((kind) => [kind, new RegExp(`^${pattern(kind)}$`)]));
}
