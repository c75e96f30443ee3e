import { z } from "zod";

const OfCampaign = z.object({ campaign: z.string() });

/** Where the queue dashboard shows a job, without the base path. */
export function jobPath(queue: string, id: string): string {
  return `/queues/queue/${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;
}

/** The page of a job's campaign, without the base path; undefined for jobs of none. */
export function campaignPathOf(queue: string, job: { id?: unknown; data: unknown }): string | undefined {
  if (queue === "campaigns") return typeof job.id === "string" ? campaignPath(job.id) : undefined;
  const named = OfCampaign.safeParse(job.data);
  return named.success ? campaignPath(named.data.campaign) : undefined;
}

function campaignPath(id: string): string {
  return `/campaigns/${encodeURIComponent(id)}`;
}
