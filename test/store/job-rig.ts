import { QueueEvents } from "bullmq";
import { Redis } from "ioredis";
import { test as base, inject } from "vitest";
import type { BatchId } from "../../src/campaign/batch.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { createLogger, type Logger } from "../../src/log.ts";
import { openQueues, QUEUE } from "../../src/queues/queues.ts";
import { type JobView, openWorker, type Wish, type WorkerOptions } from "../../src/queues/worker.ts";
import { createKeys } from "../../src/store/keys.ts";
import { isRedisAway } from "../../src/store/redis-away.ts";
import { randomPrefix } from "../support/prefix.ts";

type Step = (job: JobView) => Promise<Wish>;
type Close = () => Promise<unknown>;

export const id = (number: number) => `c~${number}` as BatchId;

/** Real queues under a prefix of their own; whatever is opened here is closed after the test. */
function openJobRig() {
  const closes: Close[] = [];
  const opened = <T>(thing: T, close: Close): T => {
    closes.push(close);
    return thing;
  };
  const connection = new Redis(inject("redisUrl"), { maxRetriesPerRequest: null });
  opened(connection, () => connection.quit());
  const options = { connection, prefix: createKeys(randomPrefix()).root };
  const queues = openQueues(options);
  opened(queues, queues.close);
  const [, batches] = queues.all;
  if (!batches) throw new Error("no queue of batches");

  return {
    redis: connection,
    queues,
    batches,
    prefix: options.prefix,

    async work(step: Step, change: Partial<WorkerOptions> = {}) {
      const log: Logger = createLogger("silent");
      const shared = {
        ...options,
        queue: QUEUE.batches,
        concurrency: 20,
        lockMs: 30_000,
        jobRetentionMs: 3_600_000,
        isRedisAway,
      };
      const worker = openWorker({ ...shared, log, ...change }, step);
      await worker.ready();
      return opened(worker, () => worker.close(10_000));
    },

    async add(numbers: readonly number[], delayMs = 0) {
      const jobs = numbers.map((number) => ({
        id: id(number),
        data: { account: "acme", campaign: "c" as CampaignId, number },
        delayMs,
      }));
      await queues.addBatches(jobs);
    },

    /** Resolves with a job's return value, or rejects with why it failed. */
    async result(number: number) {
      // From the first event on: the job may end between the look at it and the first read of new ones.
      const events = new QueueEvents(QUEUE.batches, { ...options, lastEventId: "0" });
      opened(events, () => events.close());
      const job = await batches.getJob(id(number));
      return job?.waitUntilFinished(events, 20_000);
    },

    async close() {
      for (const close of closes.reverse()) await close();
    },
  };
}

export type JobRig = ReturnType<typeof openJobRig>;

/** A test with queues of its own. */
export const test = base.extend<{ rig: JobRig }>({
  rig: async ({ task: _task }, use) => {
    const rig = openJobRig();
    await use(rig);
    await rig.close();
  },
});
