import { DelayedError, type Job } from "bullmq";

/** How a step wants to be woken: in `delayMs` at the latest, at once if `changed` says so. */
export type Sleep = {
  readonly kind: "sleep";
  readonly delayMs: number;
  /** Whether what the step decided upon has changed since it was read. */
  readonly changed: () => Promise<boolean>;
};

/**
 * Puts a running job to sleep without losing a wake-up (MECHANICS section 1, P1 to P5). Whoever changes
 * the ledger promotes the job afterwards; a change between this job's reading and its falling asleep
 * finds nothing to promote, so the job reads once more when it sleeps and wakes itself, also when that
 * reading fails. A job that could not be moved is left as it is: its lock runs out, and it is run again.
 *
 * @throws DelayedError always: the sign for BullMQ that it has nothing to do for this job.
 */
export async function fallAsleep(job: Job, token: string, { delayMs, changed }: Sleep): Promise<never> {
  try {
    await job.moveToDelayed(Date.now() + Math.max(0, Math.ceil(delayMs)), token);
    // What can't be read may have changed.
    if (await changed().catch(() => true)) await promote(job);
  } catch (cause) {
    throw Object.assign(new DelayedError(), { cause });
  }
  throw new DelayedError();
}

/** Wakes a job. One that is missing, runs or waits needs no waking; other trouble is thrown. */
export async function promote(job: Job): Promise<void> {
  try {
    await job.promote();
  } catch (error) {
    if (!(error instanceof Error && /not in the delayed state|Missing key/.test(error.message))) throw error;
  }
}
