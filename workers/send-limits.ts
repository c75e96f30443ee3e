import type { Account } from "../src/campaign/account.ts";
import { capsKeptUntil, dayOf, monthOf, nextDay, nextMonth } from "../src/campaign/calendar.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { machineCallsPerMinute, sendUnitOf } from "../src/campaign/quota.ts";
import { nativeSegment } from "../src/campaign/segment.ts";
import { windowOf } from "../src/campaign/window.ts";
import type { PollLimits } from "../src/store/batches.ts";
import type { Limits } from "../src/store/calls.ts";

type Settings = {
  readonly sendTimeoutMs: number;
  readonly resendWaitMs: number;
  readonly resendWindowMs: number;
};

/** A lease outlives its call by this much. */
const LEASE_MARGIN_MS = 10_000;

export function leaseMs({ sendTimeoutMs }: Pick<Settings, "sendTimeoutMs">): number {
  return sendTimeoutMs + LEASE_MARGIN_MS;
}

/** What a send of an account must keep to at a moment. */
export function createSendLimits(settings: Settings) {
  const todayAt = createToday();

  return (account: Account, campaign: Pick<Campaign, "segment">, now: number): Limits => ({
    ...todayAt(now),
    segment: segmentRule(account, campaign, todayAt(now)),
    sendCalls: account.limits.sendCallsPerDay,
    sendUnit: sendUnitOf(account),
    allCalls: account.limits.allCallsPerDay,
    minuteCalls: machineCallsPerMinute(account),
    settleMs: settings.sendTimeoutMs + settings.resendWaitMs,
    leaseMs: leaseMs(settings),
    resendWindowMs: settings.resendWindowMs,
    window: account.window && windowOf(account.window),
  });
}

/** A subscription account's one send a day is whatever it is: it has no further rule for everybody. */
function segmentRule(account: Account, campaign: Pick<Campaign, "segment">, { month, dayEndsAt }: Today) {
  const segment = nativeSegment(campaign);
  if (segment?.type !== "all" || account.kind !== "service") return segment && {};
  const perMonth = account.limits.perUserPerMonth;
  return { toAll: { perMonth, monthEndsAt: nextMonth(dayEndsAt - 1), capsKeptUntil: capsKeptUntil(month) } };
}

/** What a status poll of an account must keep to at a moment. */
export function createPollLimits() {
  const todayAt = createToday();

  return ({ limits }: Pick<Account, "limits">, now: number): PollLimits => {
    const { day, dayEndsAt } = todayAt(now);
    const minuteCalls = machineCallsPerMinute({ limits });
    return { minuteCalls, allCalls: limits.allCallsPerDay, day, dayEndsAt };
  };
}

type Today = { readonly day: string; readonly month: string; readonly dayEndsAt: number };

/** The Shanghai day of a moment, worked out once a day: time zones are slow. */
function createToday() {
  let today: Today = { day: "", month: "", dayEndsAt: 0 };
  let seenAt = 0;

  return (now: number): Today => {
    if (now < seenAt || now >= today.dayEndsAt) {
      today = { day: dayOf(now), month: monthOf(now), dayEndsAt: nextDay(now) };
      seenAt = now;
    }
    return today;
  };
}
