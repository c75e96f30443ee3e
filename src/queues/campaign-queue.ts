import { Queue } from "bullmq";
import type { CampaignId } from "../campaign/campaign-id.ts";
import { JOB_NAME, QUEUE, type QueueOptions } from "./queues.ts";

/** A campaign's job, as far as who enqueued it is concerned. */
export type CampaignJob = {
  readonly data: unknown;
  /** Why it has failed: it begins with a code of the failure table. */
  readonly failedReason: string | undefined;
  /** Of a completed one, the report. */
  readonly returnvalue: unknown;
};

/** The queue `campaigns` as a producer has it: a job is added and looked at, nothing else (CONTRACT section 4). */
export function openCampaignQueue(options: QueueOptions) {
  const queue = new Queue(QUEUE.campaigns, options);
  // The connection is handed in and says itself that it is broken.
  queue.on("error", () => {});
  return {
    ready: () => queue.waitUntilReady(),

    /** Adds a campaign; one whose job is there stays as it is. */
    async add(id: CampaignId, data: object): Promise<void> {
      await queue.add(JOB_NAME.campaigns, data, { jobId: id });
    },

    async find(id: CampaignId): Promise<CampaignJob | undefined> {
      const job = await queue.getJob(id);
      if (!job) return undefined;
      const { data, failedReason, finishedOn, returnvalue } = job;
      return { data, failedReason: finishedOn === undefined ? undefined : failedReason, returnvalue };
    },

    close: () => queue.close(),
  };
}

export type CampaignQueue = ReturnType<typeof openCampaignQueue>;
