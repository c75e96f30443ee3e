import { type Batch, batchId, isClosed } from "../src/campaign/batch.ts";
import { isEnded } from "../src/campaign/campaign.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import { BatchPayload } from "../src/queues/queues.ts";
import type { JobView, Wish } from "../src/queues/worker.ts";
import type { Batches } from "../src/store/batches.ts";
import type { BatchAddress } from "../src/store/keys.ts";
import type { Look, LookAt } from "../src/store/look.ts";
import type { Settle } from "./settle.ts";

/** What a step of a batch wants: to be asked again at once, or to rest until a moment (milliseconds). */
export type Next = "again" | { readonly restUntil: number };

type Parts = {
  readonly look: LookAt;
  readonly batches: Pick<Batches, "marks">;
  /** One call of the send API: `send.ts`. */
  readonly send: (address: BatchAddress, batch: Batch, seen: Look, job: JobView) => Promise<Next>;
  /** Waiting for WeChat's result: `track.ts`. */
  readonly track: (address: BatchAddress, batch: Batch, job: JobView) => Promise<Next>;
  readonly wakeCampaign: (address: BatchAddress, open: number) => Promise<void>;
  /** Whose turn it is to be asked again, now that this one is in doubt no more: `wake.ts`. */
  readonly wakeEldest: (account: string) => Promise<void>;
  /** Adds the campaign up again if it had ended before. */
  readonly correct: Settle["correct"];
  /** Whether this process is on its way out: then jobs are parked for others. */
  readonly stopping: () => boolean;
  readonly clock: Clock;
};

/**
 * The batch job: reads the ledger, takes the next step, ends when the batch is closed or sleeps. What it
 * compares before it sleeps is read with what it decides by, so that no wake-up is lost (`queues/sleep.ts`).
 */
export function createBatchStep(parts: Parts) {
  const { look, batches, send, track, wakeCampaign, wakeEldest, correct, stopping, clock } = parts;

  return async (job: JobView): Promise<Wish<string>> => {
    const address = addressIn(job);
    let doubted = false;
    for (let moved = false; ; moved = true) {
      const seen = await look(address, clock.now());
      const { batch, marks, turn } = seen;
      const closed = !batch || isClosed(batch.state);
      const inDoubt = !closed && batch.doubtSince !== undefined;
      if (doubted && !inDoubt) await wakeEldest(address.account);
      doubted = inDoubt;
      if (moved || closed) await wakeCampaign(address, seen.open);
      if (closed) {
        if (seen.campaignState && isEnded(seen.campaignState))
          await correct({ account: address.account, id: address.campaign });
        return { kind: "done", value: batch?.state ?? "gone" };
      }
      if (stopping()) return { kind: "sleep", delayMs: 0, changed: async () => false };

      const next =
        batch.state === "accepted" ? await track(address, batch, job) : await send(address, batch, seen, job);
      if (next === "again") continue;
      return {
        kind: "sleep",
        delayMs: next.restUntil - clock.now(),
        changed: async () => {
          const now = await batches.marks(address);
          return now.marks !== marks || (now.hasTurn && turn !== "mine");
        },
      };
    }
  };
}

/**
 * The batch of a job, whose id says the same as its data: a stranger's job must not take the place of another
 * batch's own, whose wake-ups it would not know.
 */
function addressIn({ id, data }: JobView): BatchAddress {
  const payload = BatchPayload.safeParse(data);
  if (payload.success && batchId(payload.data.campaign, payload.data.number) === id) return payload.data;
  throw new Failure("BAD_JOB", "expected account, campaign and number of the batch that the id names");
}
