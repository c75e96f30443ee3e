import { type ConnectionOptions, Job, UnrecoverableError, Worker } from "bullmq";
import { Failure, failures } from "../failure.ts";
import type { Logger } from "../log.ts";
import { JOB_NAME, type QueueName } from "./queues.ts";
import { fallAsleep, type Sleep } from "./sleep.ts";

/** What a step wants after its work: to be done with, or to sleep. */
export type Wish<Value = unknown> = { readonly kind: "done"; readonly value: Value } | Sleep;

/** A job as a step sees it. */
export type JobView = {
  readonly id: string;
  readonly data: unknown;
  /** When the producer added it, in milliseconds. */
  readonly timestamp: number;
  readonly progress: unknown;
  /** A line for those who look at the job in the dashboard. */
  readonly note: (line: string) => Promise<void>;
  readonly report: (progress: object) => Promise<void>;
  readonly replaceData: (data: object) => Promise<void>;
};

export type WorkerOptions = {
  readonly queue: QueueName;
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly concurrency: number;
  readonly lockMs: number;
  readonly jobRetentionMs: number;
  readonly log: Logger;
  /** Whether what a step threw is trouble of Redis' own, which passes, and no bug. */
  readonly isRedisAway: (error: unknown) => boolean;
};

/** A job's life has no bound on recoveries; the ledger bounds what is done in it. */
const MANY = 1_000_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
const TRIES_MAX = 1_000;

/** Of a job's id in the log: a stranger's may be as long as it likes. */
const LOGGED_CHARACTERS = 128;
const REST_MS = 1_000;

/** How long the jobs in hand at the deadline of a close may take to be parked: Redis may be away. */
const PARK_MS = 1_000;

/**
 * Runs one job by `step`, as BullMQ asks for it. A step that throws trouble which can pass, or a bug, is
 * logged and tried again after a backoff: only a Failure whose table entry says "no retry" fails a job.
 */
export function createJobRun(
  { queue, log, isRedisAway }: Pick<WorkerOptions, "queue" | "log" | "isRedisAway">,
  step: (job: JobView) => Promise<Wish>,
) {
  const tries = new Map<string, number>();

  const sleepAfter = (id: string, error: unknown): Sleep => {
    const count = (tries.get(id) ?? 0) + 1;
    // Those that went on in another process are forgotten now and then.
    if (tries.size > TRIES_MAX) tries.clear();
    tries.set(id, count);
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (count - 1), LAST_RETRY_MS);
    const about = { queue, job: shown(id), delayMs };
    // Never the error itself: ioredis hangs the command on it, and it may hold OpenIDs.
    const { code, reason, stack } = toldOf(error);
    if (code || isRedisAway(error)) log.warn({ code, reason, ...about }, "A step will be tried again");
    else log.error({ stack, ...about }, "A step failed and will be tried again");
    return { kind: "sleep", delayMs, changed: async () => false };
  };

  return async (job: Job, token?: string, signal?: AbortSignal): Promise<unknown> => {
    const view = viewOf(job);
    let wish: Wish;
    try {
      if (job.name !== JOB_NAME[queue])
        throw new Failure("BAD_JOB", `expected a job of the name ${JOB_NAME[queue]}`);
      wish = await Promise.race([step(view), canceled(signal)]);
      tries.delete(view.id);
    } catch (error) {
      if (error instanceof Failure && !failures[error.code].retry) {
        tries.delete(view.id);
        log.warn({ code: error.code, queue, job: shown(view.id) }, "A job was refused");
        // Whatever a stranger put into it: it may name people.
        if (error.code === "BAD_JOB") await job.updateData({ refused: error.code, message: error.message });
        throw new UnrecoverableError(`${error.code}: ${error.message}`);
      }
      wish = sleepAfter(view.id, error);
    }
    return wish.kind === "done" ? wish.value : fallAsleep(job, token ?? "", wish);
  };
}

/** Runs the jobs of one queue, each by `step`, until it is closed. */
export function openWorker(options: WorkerOptions, step: (job: JobView) => Promise<Wish>) {
  const { queue, log } = options;
  const keep = { age: Math.ceil(options.jobRetentionMs / 1_000) };
  const worker = new Worker(queue, createJobRun(options, step), {
    connection: options.connection,
    prefix: options.prefix,
    concurrency: options.concurrency,
    lockDuration: options.lockMs,
    stalledInterval: options.lockMs,
    maxStalledCount: MANY,
    removeOnComplete: keep,
    removeOnFail: keep,
  });
  let resting: NodeJS.Timeout | undefined;
  /** Where Redis itself refuses, full or a replica, BullMQ would ask for jobs again at once, without end. */
  const rest = () => {
    if (resting) return;
    void worker.pause(true);
    resting = setTimeout(() => {
      resting = undefined;
      void worker.resume();
    }, REST_MS);
  };
  worker.on("error", (error) => {
    // A SyntaxError quotes what could not be read: job data that is no JSON, and so perhaps people.
    if (error instanceof SyntaxError) log.warn({ queue }, "A job's data is no JSON");
    else log.warn({ reason: error.message, queue }, "A worker's connection failed");
    if (error.name === "ReplyError") rest();
  });
  // Such a job is never handed to the step: left as it is, it would be tried again for ever.
  worker.on("stalled", (id) => {
    clearUnreadable(worker, id).catch(() => {});
  });

  return {
    ready: () => worker.waitUntilReady(),
    /**
     * Takes no further job and waits for those in hand, at most until the deadline: BullMQ itself would
     * wait without limit. What is still in hand then is parked, for another worker to take at once. A step
     * is not stopped by it: a call of WeChat's stays in the air, and the ledger keeps others from repeating it.
     */
    async close(deadlineMs: number): Promise<void> {
      clearTimeout(resting);
      const closed = worker.close();
      if (await settlesWithin(closed, deadlineMs)) return;
      worker.cancelAllJobs();
      await settlesWithin(closed, PARK_MS);
    },
  };
}

/** Sleeps for no time at all once BullMQ has canceled the job; never settles before. */
function canceled(signal: AbortSignal | undefined): Promise<Sleep> {
  const parked: Sleep = { kind: "sleep", delayMs: 0, changed: async () => false };
  return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(parked)));
}

async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function viewOf(job: Job): JobView {
  return {
    id: job.id ?? "",
    data: job.data,
    timestamp: job.timestamp,
    progress: job.progress,
    note: async (line) => {
      await job.log(`${new Date().toISOString()} ${line}`);
    },
    report: (progress) => job.updateProgress(progress),
    replaceData: (data) => job.updateData(data),
  };
}

function toldOf(error: unknown) {
  const code = error instanceof Failure ? error.code : undefined;
  return error instanceof Error
    ? { code, reason: error.message, stack: error.stack }
    : { code, reason: undefined, stack: String(error) };
}

/** Puts values into a job whose progress or data is no JSON, so that it can be run, and refused. */
async function clearUnreadable(worker: Worker, id: string): Promise<void> {
  const isReadable = () =>
    Job.fromId(worker, id).then(
      () => true,
      (error: unknown) => !(error instanceof SyntaxError),
    );
  const job = new Job<object>(worker, "", {}, {}, id);
  if (await isReadable()) return;
  await job.updateProgress(0);
  if (!(await isReadable())) await job.updateData({ unreadable: true });
}

function shown(id: string): string {
  return id.slice(0, LOGGED_CHARACTERS);
}
