import { z } from "zod";
import type { Campaign } from "../src/campaign/campaign.ts";
import { Failure, type FailureCode, failures } from "../src/failure.ts";
import { StoredPayload } from "../src/queues/queues.ts";
import type { JobView } from "../src/queues/worker.ts";
import { createIntake, type IntakeParts } from "./intake.ts";

const finalCodes = Object.entries(failures).flatMap(([code, { retry }]) =>
  retry ? [] : [code as FailureCode],
);

/**
 * What is left of the data of a job that was refused: said again should it be run again. A code that is none,
 * or whose trouble can pass, was not written here.
 */
const Refused = z.strictObject({ refused: z.enum(finalCodes), message: z.string().max(10_000) });
type Refused = z.infer<typeof Refused>;

/**
 * The campaign of a job: taken in if it is new (`intake.ts`), and its list taken out of the job.
 *
 * Throws, and so fails the job for good: what the intake throws, AUDIENCE_LOST when the list was put away but the
 * record is gone. The job's data is stripped then too. Read on in `schedule.ts`.
 */
export function createPrepare(parts: IntakeParts) {
  const { campaigns } = parts;
  const intake = createIntake(parts);

  return async (job: JobView): Promise<Campaign> => {
    const refused = Refused.safeParse(job.data);
    if (refused.success) throw new Failure(refused.data.refused, refused.data.message);
    if (StoredPayload.safeParse(job.data).success) return stored(job);
    try {
      const { campaign, isNew } = await intake(job);
      if (isNew) await job.note(`Took in ${told(campaign)}.`);
      await strip(job, campaign);
      return campaign;
    } catch (error) {
      if (error instanceof Failure && !failures[error.code].retry)
        await job.replaceData({ refused: error.code, message: error.message } satisfies Refused);
      throw error;
    }
  };

  async function stored({ id }: JobView): Promise<Campaign> {
    const campaign = await campaigns.find(id);
    if (campaign) return campaign;
    throw new Failure("AUDIENCE_LOST", "The list was taken out of this job, and its record is gone.");
  }

  async function strip(job: JobView, { account, name }: Campaign): Promise<void> {
    await job.replaceData({
      account,
      ...(name !== undefined && { name }),
      stored: true,
    } satisfies StoredPayload);
  }
}

function told({ segment, gathered, audience: { received, invalid } }: Campaign): string {
  if (segment) return `a segment: ${segment.type}`;
  if (gathered === false) return "people who are yet to be read";
  return `${received} OpenIDs, ${invalid} of them malformed`;
}
