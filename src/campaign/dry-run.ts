import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Account } from "./account.ts";
import { type CampaignBody, type ListedAudience, parseCampaign } from "./body.ts";
import { monthOf } from "./calendar.ts";
import { capOf } from "./cap.ts";
import { BATCH_MIN, batchSizes } from "./cut.ts";
import { forecast, type Outlook } from "./forecast.ts";
import type { NotifyFault } from "./notification.ts";
import type { AudienceCounts } from "./report.ts";
import { scheduleOf } from "./schedule.ts";

export const NotSentReason = z.enum(["NOBODY_TO_SEND", "OVER_CAP", "DEADLINE", "PAUSED", "AUDIENCE_UNKNOWN"]);
export type NotSentReason = z.infer<typeof NotSentReason>;

/** What would become of a campaign. Times are milliseconds since the epoch. */
export type DryRun = {
  /** Null where only WeChat knows who that is: a tag or all, a list that is being read, a tag that is left out. */
  readonly audience: AudienceCounts | null;
  /** `needed` is null where the people have to be read first. */
  readonly calls: { readonly needed: number | null; readonly leftToday: number };
  /**
   * `at` is null for one that would not go out by itself: `reason` says why; `size` where WeChat itself finds the
   * people.
   */
  readonly batches: readonly {
    readonly number: number;
    readonly size: number | null;
    readonly at: number | null;
  }[];
  readonly finishesAt: number | null;
  /** Why nothing, or not everything, would go out. */
  readonly reason: NotSentReason | null;
};

type Parts = {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly outlookOf: (account: Account, now: number) => Promise<Outlook>;
  /**
   * What would become of an audience, and who of it could get a message that month, each of at most `limit`; undefined
   * where WeChat has yet to name people. Throws BAD_CAMPAIGN.
   */
  readonly count: (
    under: { account: string; month: string; limit: number },
    audience: ListedAudience,
    exclude: CampaignBody["exclude"],
  ) => Promise<AudienceCounts | undefined>;
  /** Why nothing can be POSTed to a notifyUrl. */
  readonly notifyFault: NotifyFault;
  readonly clock: Clock;
};

/**
 * Tells beforehand what a campaign would do, and touches nothing: counts its people as `workers/plan.ts`
 * would, cuts the same batches, and forecasts their calls.
 *
 * The month of the cap is the one in which the plan would be made, at the start or now. Batches that would
 * slip past that month's end would be admitted again in the next: not looked at here.
 *
 * @throws Failure BAD_CAMPAIGN for data that is no campaign
 */
export function createDryRun({ accounts, outlookOf, count, notifyFault, clock }: Parts) {
  return async (data: unknown): Promise<DryRun> => {
    const body = parseCampaign(data, accounts, notifyFault);
    const account = accounts.get(body.account) as Account;
    const now = clock.now();
    const schedule = scheduleOf({ ...(account.window && { window: account.window }), ...body.schedule });
    const { startAt, deadline, windowFrom: from, windowTo: to } = schedule;

    const month = monthOf(Math.max(now, startAt ?? now));
    const under = { account: account.id, month, limit: capOf(account, body) };
    const { sizes, counted, nothing } = await lookAt(body, under);

    const window = from === undefined || to === undefined ? undefined : { from, to };
    const outlook = await outlookOf(account, now);
    const at = forecast({ batches: sizes.length, startAt, deadline, window }, outlook, now);
    const stopped = outlook.blockedUntil === null ? "PAUSED" : "DEADLINE";
    return {
      audience: counted,
      calls: { needed: nothing === "AUDIENCE_UNKNOWN" ? null : sizes.length, leftToday: outlook.sends.left },
      batches: sizes.map((size, index) => ({ number: index + 1, size, at: at[index] ?? null })),
      finishesAt: at.at(-1) ?? null,
      reason: nothing ?? (at.includes(null) ? stopped : null),
    };
  };

  async function lookAt(body: CampaignBody, under: { account: string; month: string; limit: number }) {
    const { audience, exclude, overCap } = body;
    const unknown = { sizes: [], counted: null, nothing: "AUDIENCE_UNKNOWN" as const };
    if (audience.type === "tag" || audience.type === "all")
      return audience.expand ? unknown : { sizes: [null], counted: null, nothing: null };

    const tally = await count(under, audience, exclude);
    if (!tally) return unknown;
    const { admitted: left, capped, excluded, ...came } = tally;
    const nothing = whyNothing(left, overCap === "fail" && capped > 0);
    const sizes = nothing ? [] : batchSizes(left);
    const unsent = nothing ? left : 0;
    const counted = { ...came, excluded: excluded + unsent, capped, admitted: left - unsent };
    return { sizes, counted, nothing };
  }
}

/** One person left alone is excluded: mass/send takes at least two (WECHAT.md section 2.3). */
function whyNothing(left: number, overCap: boolean): "OVER_CAP" | "NOBODY_TO_SEND" | null {
  if (overCap) return "OVER_CAP";
  return left < BATCH_MIN ? "NOBODY_TO_SEND" : null;
}
