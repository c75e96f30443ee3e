import { type ConnectionOptions, Job, Queue } from "bullmq";
import { z } from "zod";
import { AccountId } from "../campaign/account.ts";
import type { BatchId } from "../campaign/batch.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { ListId } from "../campaign/list.ts";
import { findCampaignJob } from "./campaign-job.ts";
import { promote } from "./sleep.ts";

/**
 * The queues of CONTRACT section 6 that exist so far. A campaign's job holds people until its list is stored,
 * an event's holds the one whose event it is.
 */
export const QUEUE = {
  campaigns: "campaigns",
  batches: "batches",
  reconcile: "reconcile",
  events: "events",
  notify: "notify",
} as const;
export type QueueName = (typeof QUEUE)[keyof typeof QUEUE];

/** What the jobs of each queue are called: one of another name is not ours. */
export const JOB_NAME = {
  campaigns: "campaign",
  batches: "batch",
  reconcile: "reconcile",
  events: "event",
  notify: "notification",
} as const satisfies Record<QueueName, string>;

/** A batch job's data. */
export const BatchPayload = z.object({
  account: AccountId.transform(String),
  campaign: CampaignId,
  number: z.int().positive(),
});
export type BatchPayload = z.infer<typeof BatchPayload>;

/** The data of a job that tells a campaign's owner of one revision of its report. */
export const NotificationPayload = z.object({
  account: AccountId.transform(String),
  campaign: CampaignId,
  revision: z.int().positive(),
});
export type NotificationPayload = z.infer<typeof NotificationPayload>;

/** What is left of a campaign job's data once its list is stored. */
export const StoredPayload = z.strictObject({
  account: z.string(),
  name: z.string().optional(),
  stored: z.literal(true),
});
export type StoredPayload = z.infer<typeof StoredPayload>;

/** The data of a job of the queue `reconcile` that reads a stored list of followers. */
export const ReadPayload = z.object({ read: ListId });

/** The data of a job for other services (CONTRACT section 6). */
export type EventPayload = {
  readonly account: string;
  readonly type: string;
  readonly openid: string;
  readonly key?: string;
  readonly scene?: string;
  readonly ticket?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The same whenever WeChat repeats the event. */
  readonly id: string;
};

/** What the ids of jobs that read a list begin with. */
const READING = "read-";

/** Jobs added in one pipeline: more would hold up Redis (MECHANICS section 1). */
const SLICE = 500;

/** Events that may wait, about 100 MB in Redis: were there no bound, they would fill it when nobody takes them. */
const EVENTS_MOST = 100_000;
const EVENTS_RUN = 10_000;

export type QueueOptions = { readonly connection: ConnectionOptions; readonly prefix: string };

/** The producing side: adds jobs and wakes sleeping ones. */
export function openQueues(options: QueueOptions) {
  const campaigns = new Queue(QUEUE.campaigns, options);
  const batches = new Queue(QUEUE.batches, options);
  const reconcile = new Queue(QUEUE.reconcile, options);
  const events = new Queue(QUEUE.events, options);
  const notify = new Queue(QUEUE.notify, options);
  const all = [campaigns, batches, reconcile, events, notify];
  // The connection is handed in and says itself that it is broken.
  for (const queue of all) queue.on("error", () => {});

  const scheduleReconcile = (everyMs: number) =>
    reconcile.upsertJobScheduler(
      "reconcile",
      { every: everyMs },
      { name: JOB_NAME.reconcile, opts: { removeOnComplete: { count: 10 }, removeOnFail: { count: 10 } } },
    );

  return {
    all,

    /** One that Redis does not answer now would refuse whatever it is asked later. */
    ready: () => Promise.all(all.map((queue) => queue.waitUntilReady())),

    /** Adds the jobs of batches; one that is there stays as it is. */
    async addBatches(jobs: readonly { id: BatchId; data: BatchPayload; delayMs: number }[]): Promise<void> {
      for (let start = 0; start < jobs.length; start += SLICE) {
        const slice = jobs.slice(start, start + SLICE);
        const added = await batches.addBulk(
          slice.map(({ id, data, delayMs }) => ({
            name: JOB_NAME.batches,
            data,
            opts: { jobId: id, priority: priorityOf(data), ...(delayMs > 0 && { delay: delayMs }) },
          })),
        );
        // BullMQ reports a failed one by a number in place of its id.
        const failed = added.find((job) => typeof job.id !== "string");
        if (failed) throw new Error("a batch job was not added");
      }
    },

    /** Adds an event for other services, once while its job is kept. Whoever takes it sees to the job's end. */
    async addEvent(event: EventPayload): Promise<void> {
      await events.add(JOB_NAME.events, event, { jobId: `${event.account}-${event.id}` });
    },

    /** Adds the job of a campaign that has been taken in; one that is there stays as it is. */
    addCampaign: (id: CampaignId, data: StoredPayload) =>
      campaigns.add(JOB_NAME.campaigns, data, { jobId: id }),

    wakeCampaign: (id: CampaignId) => wake(campaigns, id),
    wakeBatch: (id: string) => wake(batches, id),

    /**
     * Gives a job that is missing or finished back; one that waits, runs or sleeps is left alone, and so is
     * a finished one whose record is not open, asked last of all.
     */
    restoreCampaign: (id: CampaignId, data: StoredPayload, isOpen: () => Promise<boolean>) =>
      restore(campaigns, { id, name: JOB_NAME.campaigns, data, isOpen }),
    restoreBatch: (id: BatchId, data: BatchPayload, isOpen: () => Promise<boolean>) =>
      restore(batches, { id, name: JOB_NAME.batches, data, isOpen, priority: priorityOf(data) }),

    restoreNotification: (data: NotificationPayload, isOpen: () => Promise<boolean>) =>
      restore(notify, {
        ...{ id: `${data.campaign}~${data.revision}`, name: JOB_NAME.notify, data, isOpen },
      }),

    /** Gives a list of followers the job that reads it, unless it has one; `isOpen` is asked last of all. */
    restoreReading: (id: ListId, isOpen: () => Promise<boolean>) =>
      restore(reconcile, {
        ...{ id: `${READING}${id}`, name: JOB_NAME.reconcile, isOpen },
        data: { read: id } satisfies z.infer<typeof ReadPayload>,
      }),

    /** Has the reconciler run every so often, by one worker of all. */
    scheduleReconcile,

    /** Brings its schedule back if Redis has lost that, or the one job that brings the next. */
    async restoreReconcile(everyMs: number): Promise<void> {
      const coming = await reconcile.getJobs(["delayed", "waiting", "active", "prioritized"]);
      // The reading of a list brings no next job.
      const isComing = coming.some(({ id = "" }) => !id.startsWith(READING));
      if (!isComing || !(await reconcile.getJobScheduler("reconcile"))) await scheduleReconcile(everyMs);
    },

    findCampaign: (id: CampaignId) => findCampaignJob(campaigns, id),

    /** Whether a campaign's job is there, in whatever state. */
    hasCampaign: async (id: CampaignId): Promise<boolean> => (await campaigns.getJobState(id)) !== "unknown",

    /** Removes jobs, with their logs, that finished so long ago: of each kind a slice. Answers how many. */
    async cleanJobs(afterMs: number): Promise<number> {
      let removed = 0;
      for (const queue of all)
        for (const kind of ["completed", "failed"] as const) removed += await clean(queue, kind, afterMs);
      return removed;
    },

    /**
     * Removes events that nobody has taken: those that have waited so long, and of more than `most` the
     * oldest. Of each at most some thousands at once; answers how many.
     */
    async cleanEvents(afterMs: number, most = EVENTS_MOST): Promise<number> {
      const [oldest] = await events.getJobs(["wait"], 0, 0, true);
      if (!oldest) return 0;
      const isOld = oldest.timestamp <= Date.now() - afterMs;
      const old = isOld ? await cleanWaiting(events, afterMs, EVENTS_RUN) : 0;
      const over = (await events.getWaitingCount()) - most;
      return old + (await cleanWaiting(events, 0, Math.min(over, EVENTS_RUN)));
    },

    async countWorkers(): Promise<number> {
      return (await batches.getWorkers()).length;
    },

    async close(): Promise<void> {
      await Promise.all(all.map((queue) => queue.close()));
    },
  };
}

export type Queues = ReturnType<typeof openQueues>;

/** Wakes a sleeping job by its id alone. */
function wake(queue: Queue, id: string): Promise<void> {
  return promote(new Job(queue, "", undefined, {}, id));
}

/** The greatest number that BullMQ takes. */
const LAST_PRIORITY = 2_097_151;

/**
 * First batches first: a campaign of three, behind one of a hundred, is not to wait until each of the hundred
 * has asked for its turn.
 */
function priorityOf({ number }: BatchPayload): number {
  return Math.min(number, LAST_PRIORITY);
}

/** Each call of `clean` writes an event, which an idle queue never trims: so only when there is something to do. */
async function clean(queue: Queue, kind: "completed" | "failed", afterMs: number): Promise<number> {
  const [oldest] = await queue.getJobs([kind], 0, 0, true);
  if ((oldest?.finishedOn ?? Number.POSITIVE_INFINITY) > Date.now() - afterMs) return 0;
  return (await queue.clean(afterMs, SLICE, kind)).length;
}

async function cleanWaiting(queue: Queue, afterMs: number, most: number): Promise<number> {
  let removed = 0;
  while (removed < most) {
    const slice = Math.min(SLICE, most - removed);
    const gone = (await queue.clean(afterMs, slice, "wait")).length;
    removed += gone;
    if (gone < slice) break;
  }
  return removed;
}

type Lost = {
  id: string;
  name: string;
  data: object;
  isOpen: () => Promise<boolean>;
  priority?: number;
};

async function restore(queue: Queue, { id, name, data, isOpen, priority }: Lost): Promise<boolean> {
  const state = await queue.getJobState(id);
  if (state !== "unknown" && state !== "completed" && state !== "failed") return false;
  if (!(await isOpen())) return false;
  // Adding over a job that is kept does nothing, so a finished one goes first.
  if (state !== "unknown") await queue.remove(id);
  await queue.add(name, data, { jobId: id, ...(priority !== undefined && { priority }) });
  return true;
}
