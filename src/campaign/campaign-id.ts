import { z } from "zod";

/** A campaign's id is its job's id (CONTRACT section 4). */
export const CampaignId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,128}$/, "1 to 128 characters of A-Z a-z 0-9 . _ -")
  .refine((id) => id !== "." && id !== "..", "neither . nor ..")
  .brand<"CampaignId">();
export type CampaignId = z.infer<typeof CampaignId>;

/** BullMQ's own keys stand beside its jobs (docs/keys.md): a job of such an id would be in their way. */
const QUEUE_WORDS =
  "active completed delayed events failed id limiter marker meta paused prioritized repeat stalled wait";

export function isQueueWord(id: string): boolean {
  return QUEUE_WORDS.split(" ").includes(id) || id.startsWith("stalled-");
}

/** A number that BullMQ gave because the producer named none; it may come again after an obliterate. */
export function isQueueNumber(id: string): boolean {
  return /^\d+$/.test(id);
}
