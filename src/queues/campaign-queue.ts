import { Queue } from "bullmq";
import type { CampaignId } from "../campaign/campaign-id.ts";
import { findCampaignJob } from "./campaign-job.ts";
import { JOB_NAME, QUEUE, type QueueOptions } from "./queues.ts";

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

    find: (id: CampaignId) => findCampaignJob(queue, id),

    close: () => queue.close(),
  };
}

export type CampaignQueue = ReturnType<typeof openCampaignQueue>;
