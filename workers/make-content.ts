import type { Account } from "../src/campaign/account.ts";
import { type Campaign, isEnded } from "../src/campaign/campaign.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Sleep } from "../src/queues/sleep.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Contents } from "../src/store/contents.ts";
import type { Content } from "./content.ts";
import type { Pause } from "./content-call.ts";
import { troubleOf } from "./trouble.ts";

type Parts = {
  readonly accountOf: (account: string) => Account;
  readonly campaigns: Pick<Campaigns, "get" | "version" | "notePrepared" | "refuse">;
  readonly contents: Pick<Contents, "readAsked">;
  readonly content: Pick<Content, "prepare">;
  readonly clock: Clock;
};

/** Trouble that passes is met again after 10 s, doubling to 10 minutes. */
const AGAIN = { firstMs: 10_000, capMs: 600_000 };
const LOOK_AGAIN_MS = 3_600_000;
const TRIES_MAX = 1_000;

/**
 * Makes of a campaign's content what WeChat sends, once, as soon as it is taken in: files are kept for a day only, and
 * what does not fit is told at once. Read on in `schedule.ts`.
 */
export function createMakeContent({ accountOf, campaigns, contents, content, clock }: Parts) {
  /** How often a campaign has met trouble in a row. */
  const tries = new Map<string, number>();

  return async (campaign: Campaign, job: JobView): Promise<Campaign | Sleep> => {
    const { content: asked, prepared, state, paused, version } = campaign;
    if (!asked || prepared || isEnded(state) || (state !== "scheduled" && state !== "preparing"))
      return campaign;
    const asleep = {
      kind: "sleep" as const,
      changed: async () => (await campaigns.version(campaign)) !== version,
    };
    if (paused) return { ...asleep, delayMs: LOOK_AGAIN_MS };
    if (clock.now() >= (campaign.deadline ?? Number.POSITIVE_INFINITY)) return campaign;
    try {
      const made = await make(campaign, job);
      if (made.kind !== "done") return { ...asleep, delayMs: await pause(campaign, made, job) };
      tries.delete(campaign.id);
      await campaigns.notePrepared(campaign, { prepared: made.value });
    } catch (failure) {
      if (!(failure instanceof Failure && failure.code === "CONTENT_REFUSED")) throw failure;
      await campaigns.refuse(
        campaign,
        "CONTENT_REFUSED",
        troubleOf(failure.code, { message: failure.message, ...failure.details }),
      );
      await job.note(`Nothing is sent: ${failure.message}`);
    }
    return campaigns.get(campaign);
  };

  async function make(campaign: Campaign, job: JobView) {
    const asked = await contents.readAsked(campaign);
    if (!asked) throw new Failure("CONTENT_REFUSED", "message: the stored content is gone");
    return content.prepare({ account: accountOf(campaign.account), campaign: campaign.id }, asked, job.note);
  }

  /** How long to wait in milliseconds, at most until its deadline. */
  async function pause({ id, deadline }: Campaign, met: Pause, job: JobView): Promise<number> {
    const now = clock.now();
    const count = tries.get(id) ?? 0;
    // Those that went on in another process are forgotten now and then.
    if (tries.size > TRIES_MAX) tries.clear();
    tries.set(id, count + 1);
    const backoff = Math.min(AGAIN.firstMs * 2 ** Math.min(count, 10), AGAIN.capMs);
    const until = met.kind === "wait" ? (met.waiting.until ?? now + LOOK_AGAIN_MS) : now + backoff;
    const why =
      met.kind === "wait" ? (met.waiting.trouble?.message ?? met.waiting.reason) : met.trouble.message;
    await job.note(`The content has to wait: ${why}.`);
    return Math.max(0, Math.min(until, deadline ?? until, now + LOOK_AGAIN_MS) - now);
  }
}
