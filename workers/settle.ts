import { isDeepStrictEqual } from "node:util";
import { type AuditEntry, QUNFA } from "../src/campaign/audit.ts";
import { type Batch, isClosed } from "../src/campaign/batch.ts";
import { type Campaign, isEnded } from "../src/campaign/campaign.ts";
import { progressOf, type Report, reportOf } from "../src/campaign/report.ts";
import type { Clock } from "../src/clock.ts";
import type { JobView, Wish } from "../src/queues/worker.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Moves } from "../src/store/moves.ts";
import type { Announce } from "./announce.ts";
import { type Drop, isUnsent } from "./drop.ts";
import type { Enqueue } from "./enqueue.ts";
import type { GiveBack } from "./give-back.ts";

type Parts = {
  readonly campaigns: Campaigns;
  readonly batches: Batches;
  readonly moves: Pick<Moves, "cancel">;
  readonly enqueue: Enqueue;
  readonly drop: Drop;
  readonly giveBack: GiveBack;
  /** Told of every end, and of every correction, once. */
  readonly onClose?: OnClose | undefined;
  /** Tells the world: `announce.ts`. */
  readonly announce: Announce;
  readonly clock: Clock;
};

/** `before`: the report that this one corrects. */
export type OnClose = (closing: {
  readonly report: Report;
  readonly before: Report | undefined;
  readonly batches: readonly Batch[];
}) => void;

/** While batches move, progress is written about this often; otherwise only a batch's end wakes the job. */
const PROGRESS_MS = 1_000;
const CALM_MS = 600_000;
const LOOKED_MAX = 1_000;

/**
 * Follows a campaign's batches: gives them their jobs (`enqueue.ts`), shows the progress, ends what is not to
 * be sent any more (`drop.ts`), gives back what was reserved for nothing (`give-back.ts`), adds them up when the
 * last has closed. A batch's own way is in `batch.ts`.
 */
export function createSettle(parts: Parts) {
  const { campaigns, batches, moves, enqueue, drop, giveBack, announce, onClose, clock } = parts;
  /** The version of each campaign that was looked at last: has it moved since? */
  const looked = new Map<string, { version: number; movedAt: number }>();
  return { settle, correct };

  async function settle(planned: Campaign, job: JobView): Promise<Wish<Report>> {
    for (;;) {
      const campaign = await campaigns.get(planned);
      if (isEnded(campaign.state) && campaign.report) {
        await announce.end(campaign);
        return { kind: "done", value: campaign.report };
      }
      const all = await batches.of(campaign);
      // A report that leaves people out would be worse than none.
      if (all.length < campaign.planned) throw new Error("Batches of the campaign are gone from the ledger");
      if (await step(campaign, all, job)) continue;

      await show(campaign, job, all);
      await giveBack(campaign, all);
      if (!all.every(({ state }) => isClosed(state))) return follow(campaign);
      looked.delete(campaign.id);
      const report = await close(campaign, all);
      if (report) await job.note(`Closed as ${report.state}${report.reason ? `, ${report.reason}` : ""}.`);
    }
  }

  /** What the campaign has to do about its batches by now; answers whether both must be read again. */
  async function step(campaign: Campaign, all: readonly Batch[], job: JobView): Promise<boolean> {
    if (campaign.state === "canceling") return drop.canceled(campaign, all);
    if (campaign.refused && (await drop.refused(campaign, all))) return true;
    if (clock.now() >= (campaign.deadline ?? Number.POSITIVE_INFINITY) && all.some(isUnsent)) {
      await moves.cancel(campaign, "DEADLINE", deadlineEntry(campaign));
      await job.note("Its deadline has passed: what is not sent by now is canceled.");
      return true;
    }
    if (await drop.held(campaign, all)) return true;
    return enqueue(campaign, all);
  }

  function deadlineEntry({ account, id: campaign }: Campaign): AuditEntry {
    return { at: clock.now(), act: "cancel", account, campaign, who: QUNFA, why: "its deadline has passed" };
  }

  function follow(campaign: Campaign): Wish<never> {
    const last = looked.get(campaign.id);
    const movedAt = last?.version === campaign.version ? last.movedAt : clock.now();
    // A wake that comes too soon after another is left out (`wake.ts`): this look has to make up for it.
    const moved = clock.now() - movedAt < PROGRESS_MS;
    // Those that ended in another process are forgotten now and then.
    if (looked.size > LOOKED_MAX) looked.clear();
    looked.set(campaign.id, { version: campaign.version, movedAt });
    const changed = async () => (await campaigns.version(campaign)) !== campaign.version;
    return { kind: "sleep", delayMs: untilNextLook(campaign, moved ? PROGRESS_MS : CALM_MS), changed };
  }

  function untilNextLook({ deadline = 0 }: Campaign, calmMs: number): number {
    const leftMs = deadline - clock.now();
    return leftMs > 0 ? Math.min(leftMs, calmMs) : calmMs;
  }

  async function show(campaign: Campaign, job: JobView, all: readonly Batch[]): Promise<void> {
    const progress = progressOf(all);
    await announce.course(campaign, all, progress);
    if (!isDeepStrictEqual(job.progress, progress)) await job.report(progress);
  }

  /** Writes the end; undefined when a batch has changed meanwhile. */
  async function close(campaign: Campaign, all: readonly Batch[]): Promise<Report | undefined> {
    const now = clock.now();
    const closedAt = campaign.closedAt ?? now;
    const report = reportOf(campaign, all, closedAt);
    const word = await campaigns.settle(campaign, report, closedAt, now);
    if (word === "changed") return undefined;
    const before = word === "settled" ? undefined : campaign.report;
    // A correction of an end that this one had not seen is of the same version: the same facts, told already.
    if (word === "settled" || (word === "corrected" && before)) onClose?.({ report, before, batches: all });
    return report;
  }

  /** Adds an ended campaign up again, after counts or a result that came late, and tells of what has changed. */
  async function correct(address: Pick<Campaign, "account" | "id">): Promise<void> {
    for (;;) {
      const state = await campaigns.state(address);
      if (!state || !isEnded(state)) return;
      // It may be past its retention by now.
      const campaign = await campaigns.findAt(address);
      if (!campaign) return;
      const all = await batches.of(campaign);
      await giveBack(campaign, all);
      if (!(await close(campaign, all))) continue;
      const ended = await campaigns.findAt(address);
      if (ended) await announce.end(ended);
      return;
    }
  }
}

export type Settle = ReturnType<typeof createSettle>;
