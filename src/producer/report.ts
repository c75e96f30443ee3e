import { setTimeout as sleep } from "node:timers/promises";
import type { CampaignId } from "../campaign/campaign-id.ts";
import { Report } from "../campaign/report.ts";
import { Failure, type FailureCode, failures } from "../failure.ts";
import { isRedisAway } from "../store/redis-away.ts";
import type { Connected } from "./connection.ts";

/** Waits between two looks: a campaign takes minutes, or days. */
const FIRST_LOOK_MS = 100;
const LOOK_MS = 2_000;

/** What a job says has failed it, as the failure that it was. */
export function refusalIn(failedReason: string): Failure {
  const [, code = "", message = ""] = /^([A-Z_]+): (.*)$/s.exec(failedReason) ?? [];
  if (code in failures) return new Failure(code as FailureCode, message);
  return new Failure("INTERNAL", failedReason);
}

/**
 * The report of a campaign once it has ended: as the ledger has it now, or else as its job returned it. Looks now
 * and then, so that nothing is missed while the connection is down; a Redis that goes away meanwhile is waited for.
 *
 * @throws Failure the one that failed its job; NOT_FOUND when there is neither such a campaign nor its job; REDIS_AWAY
 *   at the first look; what the signal was aborted with
 */
export async function waitFor(
  connect: () => Promise<Connected>,
  id: CampaignId,
  signal: AbortSignal,
): Promise<Report> {
  let hasLooked = false;
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(2 * waitMs, LOOK_MS)) {
    signal.throwIfAborted();
    try {
      const report = await look(await connect(), id);
      if (report) return report;
      hasLooked = true;
    } catch (error) {
      if (error instanceof Failure && (error.code !== "REDIS_AWAY" || !hasLooked)) throw error;
      if (!(error instanceof Failure) && !isRedisAway(error)) throw error;
    }
    await sleep(waitMs, undefined, { signal }).catch(() => {});
  }
}

/** The job first: that of an id which belongs to another campaign has failed, and that one's report is not its own. */
async function look({ queue, campaigns }: Connected, id: CampaignId): Promise<Report | undefined> {
  const job = await queue.find(id);
  if (job?.failedReason !== undefined) throw refusalIn(job.failedReason);
  const campaign = await campaigns.find(id);
  if (campaign?.report) return campaign.report;
  const returned = Report.safeParse(job?.returnvalue);
  if (returned.success) return returned.data;
  if (!job && !campaign) throw new Failure("NOT_FOUND", "There is no such campaign.");
  return undefined;
}
