import type { Campaign } from "../src/campaign/campaign.ts";
import { isEnded } from "../src/campaign/campaign.ts";
import type { Report } from "../src/campaign/report.ts";
import type { Sleep } from "../src/queues/sleep.ts";
import type { JobView, Wish } from "../src/queues/worker.ts";
import type { Announce } from "./announce.ts";

type Steps = {
  /** The campaign of this job, taken in if it is new: `prepare.ts`. */
  readonly prepare: (job: JobView) => Promise<Campaign>;
  /** What its content becomes: `make-content.ts`. */
  readonly makeContent: (campaign: Campaign, job: JobView) => Promise<Campaign | Sleep>;
  /** Its start waited for: `schedule.ts`. */
  readonly schedule: (campaign: Campaign, job: JobView) => Promise<Campaign | Sleep>;
  /** The members of its segment read: `gather.ts`. */
  readonly gather: (campaign: Campaign, job: JobView) => Promise<Campaign | Sleep>;
  /** Its people admitted and cut into batches: `plan.ts`. */
  readonly plan: (campaign: Campaign, job: JobView) => Promise<Campaign>;
  /** Its batches followed to their end: `settle.ts`. */
  readonly settle: (campaign: Campaign, job: JobView) => Promise<Wish<Report>>;
  /** Tells the world: `announce.ts`. */
  readonly announce: Announce;
  /** Of one that was sent to a tag its people counted: `count-segment.ts`. Answers when to look again. */
  readonly count: (campaign: Campaign, job: JobView) => Promise<number | undefined>;
};

/**
 * The campaign job: reads the ledger, takes the next step, ends with the report or sleeps until a batch, a
 * person or the calendar wakes it. May run any number of times; the ledger says what is done already.
 *
 * Read on in `prepare.ts`.
 */
export function createCampaignStep(steps: Steps) {
  const { prepare, makeContent, schedule, gather, plan, settle, announce, count } = steps;
  return async (job: JobView): Promise<Wish<Report>> => {
    const prepared = await prepare(job);
    // From then on `settle.ts` tells.
    if (prepared.state === "scheduled" || prepared.state === "preparing") await announce.course(prepared, []);
    const taken = await makeContent(prepared, job);
    if ("kind" in taken) return taken;
    const started = await schedule(taken, job);
    if ("kind" in started) return started;
    const due = await gather(started, job);
    if ("kind" in due) return due;
    const planned = due.state === "preparing" ? await plan(due, job) : due;
    const over = isEnded(planned.state) ? planned.report : undefined;
    // Whoever wrote it may have died before they told of it.
    if (over) await announce.end(planned);
    const wish: Wish<Report> = over ? { kind: "done", value: over } : await settle(planned, job);
    if (wish.kind !== "done") return wish;
    const againMs = await count(planned, job);
    return againMs === undefined ? wish : { kind: "sleep", delayMs: againMs, changed: async () => false };
  };
}
