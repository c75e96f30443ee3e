import type { Outlook, Sender } from "../../src/campaign/forecast.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const DAY = 86_400 * SECOND;

/** Shanghai is 8 hours ahead of UTC all the year. */
export const BEIJING = 8 * 60 * MINUTE;

/**
 * Slow and plain: looks at every second from `now` to `until`, and makes as many calls in it as are
 * allowed. In each round of turns every campaign that may send is served once, ours last; when nobody is
 * left to serve, a new round begins.
 */
export function simulate(ours: Sender, outlook: Outlook, now: number, until: number): (number | null)[] {
  const moments = new Array<number | null>(ours.batches).fill(null);
  const campaigns = [...outlook.others, ours];
  const left = campaigns.map(({ batches }) => batches);
  const us = campaigns.length - 1;
  const calls = [...outlook.minute.takenAt];
  let [day, today] = [dayAt(now), outlook.sends.left];
  let served = new Set<number>();
  let sent = 0;

  for (let moment = now; moment < until && sent < ours.batches; moment += SECOND) {
    if (dayAt(moment) !== day) [day, today] = [dayAt(moment), outlook.sends.perDay];
    const allowed = () =>
      outlook.blockedUntil !== null &&
      moment >= outlook.blockedUntil &&
      timeAt(moment) < DAY - 3 * SECOND &&
      today > 0 &&
      calls.filter((call) => call > moment - MINUTE).length < outlook.minute.limit;
    while (allowed()) {
      const willing = campaigns.flatMap((campaign, who) =>
        (left[who] ?? 0) > 0 && maySend(campaign, moment) ? [who] : [],
      );
      if (willing.length === 0) break;
      if (willing.every((who) => served.has(who))) served = new Set();
      const who = willing.find((who) => !served.has(who)) ?? us;
      served.add(who);
      left[who] = (left[who] ?? 0) - 1;
      calls.push(moment);
      today -= 1;
      if (who === us) moments[sent++] = moment;
    }
  }
  return moments;
}

function maySend({ startAt, deadline, window }: Sender, moment: number): boolean {
  if (startAt !== undefined && moment < startAt) return false;
  if (deadline !== undefined && moment >= deadline) return false;
  if (!window) return true;
  const minute = Math.floor(timeAt(moment) / MINUTE);
  if (window.from < window.to) return window.from <= minute && minute < window.to;
  return window.from <= minute || minute < window.to;
}

const timeAt = (moment: number) => (moment + BEIJING) % DAY;
const dayAt = (moment: number) => Math.floor((moment + BEIJING) / DAY);
