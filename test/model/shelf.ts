import type { JobQueues } from "../../src/compose-steps.ts";
import type { JobView, Wish } from "../../src/queues/worker.ts";
import type { Gate } from "./gate.ts";

/**
 * The queues in memory, in the clock's time. It is BullMQ that they stand in for, whose own time can't be
 * moved: what is held here is what the product may rely on, and that is little. A job may be run twice, by two
 * at once, late or not at all; one whose worker has stopped comes back when its lock has run out.
 */
type Queue = "campaigns" | "batches";

export type Job = {
  readonly queue: Queue;
  readonly id: string;
  readonly timestamp: number;
  data: unknown;
  progress: unknown;
  state: "waiting" | "sleeping" | "running" | "done";
  /** Of one that sleeps: until when; of one whose worker has stopped: until its lock has run out. */
  until: number;
  /** Names its run: what an older one wants comes too late. */
  run: number;
  value: unknown;
  notes: string[];
};

const LOCK_MS = 30_000;

export function createShelf(now: () => number) {
  const jobs = new Map<string, Job>();
  const nameOf = (queue: Queue, id: string) => `${queue}:${id}`;
  const find = (queue: Queue, id: string) => jobs.get(nameOf(queue, id));

  function add(queue: Queue, id: string, data: unknown, delayMs = 0): void {
    if (find(queue, id)) return;
    const state = delayMs > 0 ? "sleeping" : "waiting";
    const job = { queue, id, data, timestamp: now(), progress: 0, state, until: now() + delayMs } as const;
    jobs.set(nameOf(queue, id), { ...job, run: 0, value: undefined, notes: [] });
  }

  function wake(job: Job | undefined): void {
    if (job?.state === "sleeping") job.state = "waiting";
  }

  /** The queues as one process reaches them. */
  function queuesBehind(gate: Gate): JobQueues {
    const restore = async (queue: Queue, id: string, data: unknown, isOpen: () => Promise<boolean>) => {
      const gone = await gate("getJobState", async () => (find(queue, id)?.state ?? "done") === "done");
      if (!gone || !(await isOpen())) return false;
      await gate("remove", async () => jobs.delete(nameOf(queue, id)));
      await gate("add", async () => add(queue, id, data));
      return true;
    };
    return {
      addCampaign: () => Promise.reject(new Error("no campaign comes by HTTP here")),
      findCampaign: () => Promise.reject(new Error("no campaign comes by HTTP here")),
      addBatches: (added) =>
        gate("addBatches", async () => {
          for (const { id, data, delayMs } of added) add("batches", id, data, delayMs);
        }),
      wakeBatch: (id) => gate("promote", async () => wake(find("batches", id))),
      wakeCampaign: (id) => gate("promote", async () => wake(find("campaigns", id))),
      restoreBatch: (id, data, isOpen) => restore("batches", id, data, isOpen),
      restoreCampaign: (id, data, isOpen) => restore("campaigns", id, data, isOpen),
      restoreReading: async () => false,
      restoreNotification: async () => false,
      cleanJobs: async () => 0,
      cleanEvents: async () => 0,
      addEvent: () => gate("addEvent", async () => {}),
      hasCampaign: async (id) => find("campaigns", id) !== undefined,
    };
  }

  const isDue = ({ state, until }: Job) =>
    state === "waiting" || ((state === "sleeping" || state === "running") && until <= now());

  return {
    queuesBehind,
    add,
    all: () => [...jobs.values()],
    due: () => [...jobs.values()].filter(isDue),
    /** When the next one is due, of those that are not yet. */
    nextDue: () =>
      Math.min(...[...jobs.values()].filter((job) => job.state !== "done").map(({ until }) => until)),

    take(job: Job): number {
      Object.assign(job, { state: "running", until: Number.POSITIVE_INFINITY });
      job.run += 1;
      return job.run;
    },
    /** Its worker has stopped. */
    abandon(job: Job, run: number): void {
      if (job.run === run && job.state === "running") job.until = now() + LOCK_MS;
    },
    /** What a run wants, P2 of MECHANICS section 1; false when the job is another run's by now. */
    async apply(job: Job, run: number, wish: Wish): Promise<boolean> {
      if (job.run !== run || job.state !== "running") return false;
      if (wish.kind === "done") Object.assign(job, { state: "done", value: wish.value });
      else Object.assign(job, { state: "sleeping", until: now() + Math.max(0, Math.ceil(wish.delayMs)) });
      return true;
    },
    wake,
    /** As a person deletes one in the dashboard. */
    lose(job: Job): void {
      jobs.delete(nameOf(job.queue, job.id));
    },
    viewOf(job: Job): JobView {
      const { id, data, timestamp, progress } = job;
      return {
        ...{ id, data, timestamp, progress },
        note: async (line) => void job.notes.push(line),
        report: async (shown) => {
          job.progress = shown;
        },
        replaceData: async (left) => {
          job.data = left;
        },
      };
    },
  };
}

export type Shelf = ReturnType<typeof createShelf>;
