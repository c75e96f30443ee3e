import { type Batch, isClosed } from "../src/campaign/batch.ts";
import type { Clock } from "../src/clock.ts";
import { BatchPayload } from "../src/queues/queues.ts";
import type { JobView, Wish } from "../src/queues/worker.ts";
import type { Batches } from "../src/store/batches.ts";
import type { BatchAddress } from "../src/store/keys.ts";
import type { Settle } from "./settle.ts";

/** What a step of a batch wants: to be asked again at once, or to rest until a moment (milliseconds). */
export type Next = "again" | { readonly restUntil: number };

type Parts = {
  readonly batches: Batches;
  /** One call of the send API: `send.ts`. */
  readonly send: (address: BatchAddress, batch: Batch, job: JobView) => Promise<Next>;
  /** Waiting for WeChat's result: `track.ts`. */
  readonly track: (address: BatchAddress, batch: Batch, job: JobView) => Promise<Next>;
  readonly wakeCampaign: (address: BatchAddress) => Promise<void>;
  /** Adds the campaign up again if it had ended before. */
  readonly correct: Settle["correct"];
  /** Whether this process is on its way out: then jobs are parked for others. */
  readonly stopping: () => boolean;
  readonly clock: Clock;
};

/**
 * The batch job: reads the ledger, takes the next step, ends when the batch is closed or sleeps. What it
 * compares before it sleeps is read before it decides, so that no wake-up is lost (`queues/sleep.ts`).
 */
export function createBatchStep({ batches, send, track, wakeCampaign, correct, stopping, clock }: Parts) {
  return async (job: JobView): Promise<Wish<string>> => {
    const address = BatchPayload.parse(job.data);
    for (;;) {
      const marks = await batches.marks(address);
      const batch = await batches.find(address);
      if (!batch || isClosed(batch.state)) {
        await wakeCampaign(address);
        await correct({ account: address.account, id: address.campaign });
        return { kind: "done", value: batch?.state ?? "gone" };
      }
      if (stopping()) return { kind: "sleep", delayMs: 0, changed: async () => false };

      const next =
        batch.state === "accepted" ? await track(address, batch, job) : await send(address, batch, job);
      if (next === "again") {
        await wakeCampaign(address);
        continue;
      }
      return {
        kind: "sleep",
        delayMs: next.restUntil - clock.now(),
        changed: async () => (await batches.marks(address)) !== marks,
      };
    }
  };
}
