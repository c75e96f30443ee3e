import { isDeepStrictEqual } from "node:util";
import { type Batch, batchId, isClosed } from "../src/campaign/batch.ts";
import { type Campaign, isEnded } from "../src/campaign/campaign.ts";
import { progressOf, type Report, reportOf } from "../src/campaign/report.ts";
import type { Clock } from "../src/clock.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { JobView, Wish } from "../src/queues/worker.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { GiveBack } from "./give-back.ts";

type Parts = {
  readonly campaigns: Campaigns;
  readonly batches: Batches;
  readonly queues: Pick<Queues, "addBatches" | "wakeBatch">;
  readonly giveBack: GiveBack;
  /** How long the next turn of an account lasts that a dropped batch gives up. */
  readonly leaseMs: number;
  readonly clock: Clock;
};

/** While batches move, progress is written about this often; otherwise only a batch's end wakes the job. */
const PROGRESS_MS = 1_000;
const CALM_MS = 600_000;
const LOOKED_MAX = 1_000;

/**
 * Follows a campaign's batches: gives them their jobs, shows the progress, adds them up when the last has
 * closed. A batch's own way is in `batch.ts`.
 */
export function createSettle({ campaigns, batches, queues, giveBack, leaseMs, clock }: Parts) {
  /** The version of each campaign that was looked at last: has it moved since? */
  const looked = new Map<string, number>();
  return { settle, correct };

  async function settle(planned: Campaign, job: JobView): Promise<Wish<Report>> {
    if (!planned.enqueued) await enqueue(planned);
    for (;;) {
      const campaign = await campaigns.get(planned);
      if (isEnded(campaign.state) && campaign.report) return { kind: "done", value: campaign.report };
      const all = await batches.of(campaign);
      // A report that leaves people out would be worse than none.
      if (all.length < campaign.planned) throw new Error("Batches of the campaign are gone from the ledger");
      if (campaign.refused && (await dropUncalled(campaign, all))) continue;

      await show(job, all);
      if (!all.every(({ state }) => isClosed(state))) return follow(campaign);
      looked.delete(campaign.id);
      await giveBack(campaign, all);
      const report = await close(campaign, all);
      if (report) await job.note(`Closed as ${report.state}${report.reason ? `, ${report.reason}` : ""}.`);
    }
  }

  function follow(campaign: Campaign): Wish<never> {
    const moved = looked.get(campaign.id) !== campaign.version;
    // Those that ended in another process are forgotten now and then.
    if (looked.size > LOOKED_MAX) looked.clear();
    looked.set(campaign.id, campaign.version);
    const changed = async () => (await campaigns.version(campaign)) !== campaign.version;
    return { kind: "sleep", delayMs: moved ? PROGRESS_MS : CALM_MS, changed };
  }

  async function enqueue(campaign: Campaign): Promise<void> {
    const { account, id, planned } = campaign;
    const delayMs = Math.max(0, campaign.sendableAt - clock.now());
    const numbers = Array.from({ length: planned }, (_, index) => index + 1);
    await queues.addBatches(
      numbers.map((number) => ({
        id: batchId(id, number),
        data: { account, campaign: id, number },
        delayMs,
      })),
    );
    await campaigns.noteEnqueued(campaign);
  }

  /** The message itself was refused: what has not been called fails without a call. */
  async function dropUncalled(campaign: Campaign, all: readonly Batch[]): Promise<boolean> {
    const uncalled = all.filter(({ state, calls }) => state === "planned" && calls === 0);
    const trouble = campaign.refused ?? { code: "REFUSED", message: "the message was refused" };
    for (const { number } of uncalled) {
      const address = { account: campaign.account, campaign: campaign.id, number };
      const end = { state: "failed", by: "campaign", trouble, leaseMs, now: clock.now() } as const;
      const { next } = await batches.drop(address, end);
      if (next !== "") await queues.wakeBatch(next);
      await queues.wakeBatch(batchId(campaign.id, number));
    }
    return uncalled.length > 0;
  }

  async function show(job: JobView, all: readonly Batch[]): Promise<void> {
    const progress = progressOf(all);
    if (!isDeepStrictEqual(job.progress, progress)) await job.report(progress);
  }

  /** Writes the end; undefined when a batch has changed meanwhile. */
  async function close(campaign: Campaign, all: readonly Batch[]): Promise<Report | undefined> {
    const closedAt = campaign.closedAt ?? clock.now();
    const report = reportOf(campaign, all, closedAt);
    return (await campaigns.settle(campaign, report, closedAt)) === "settled" ? report : undefined;
  }

  /** Adds an ended campaign up again, after counts or a result that came late. */
  async function correct(address: Pick<Campaign, "account" | "id">): Promise<void> {
    for (;;) {
      const state = await campaigns.state(address);
      if (!state || !isEnded(state)) return;
      const campaign = await campaigns.get(address);
      const all = await batches.of(campaign);
      await giveBack(campaign, all);
      if (await close(campaign, all)) return;
    }
  }
}

export type Settle = ReturnType<typeof createSettle>;
