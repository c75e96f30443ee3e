import type { Queue } from "bullmq";
import type { CampaignId } from "../campaign/campaign-id.ts";

/** A campaign's job, as far as who enqueued it is concerned. */
export type CampaignJob = {
  readonly data: unknown;
  /** Why it has failed: it begins with a code of the failure table. */
  readonly failedReason: string | undefined;
  /** Of a completed one, the report. */
  readonly returnvalue: unknown;
};

export async function findCampaignJob(queue: Queue, id: CampaignId): Promise<CampaignJob | undefined> {
  const job = await queue.getJob(id);
  if (!job) return undefined;
  const { data, failedReason, finishedOn, returnvalue } = job;
  return { data, failedReason: finishedOn === undefined ? undefined : failedReason, returnvalue };
}
