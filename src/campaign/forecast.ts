import { nextDay } from "./calendar.ts";
import { nextOpening, type Window } from "./window.ts";

const MINUTE_MS = 60_000;

/** No call is begun so shortly before a Shanghai midnight (MECHANICS section 1). */
const BEFORE_MIDNIGHT_MS = 3_000;

/** A campaign as its account's calls see it: so many are to be made, then and only then. */
export type Sender = {
  readonly batches: number;
  readonly startAt?: number | undefined;
  /** No call at this moment or later. */
  readonly deadline?: number | undefined;
  readonly window?: Window | undefined;
};

/** What stands between an account and its next calls. Times are milliseconds since the epoch. */
export type Outlook = {
  /** WeChat has stopped the account until then, 0 if it has not; null: a person has paused it. */
  readonly blockedUntil: number | null;
  /** Send calls: what is left of today's, and of a new day's, which is at least one. */
  readonly sends: { readonly left: number; readonly perDay: number };
  /** When the calls of the last minute were made, and how many a minute may have, which is at least one. */
  readonly minute: { readonly takenAt: readonly number[]; readonly limit: number };
  /** The campaigns that share the account's turns. */
  readonly others: readonly Sender[];
};

/**
 * When each of a campaign's batches would go out, from `now` on: the moment of its call, or null for one
 * that would not go by itself, because the deadline comes first or the account is paused. Batches keep
 * their order, so all behind a null are null.
 *
 * Assumed: a call takes no time and is accepted at once; turns go round the campaigns that may send, ours
 * last in each round (MECHANICS section 5).
 */
export function forecast(ours: Sender, outlook: Outlook, now: number): (number | null)[] {
  const at = new Array<number | null>(ours.batches).fill(null);
  if (outlook.blockedUntil === null) return at;

  const gate = createGate(outlook, now);
  const lanes = [...outlook.others, ours].map(createLane);
  const mine = lanes.at(-1) as Lane;
  let moment = Math.max(now, outlook.blockedUntil);
  let round = 0;
  for (;;) {
    const sending = lanes.filter(({ left }) => left > 0);
    for (const lane of sending) if (lane.chance < moment) lane.chance = nextChance(lane.sender, moment);
    if (mine.left === 0 || mine.chance === Number.POSITIVE_INFINITY) return at;

    const allowed = gate.next(Math.min(...sending.map(({ chance }) => chance)));
    if (allowed > moment) {
      moment = allowed;
      continue;
    }
    const ready = sending.filter(({ chance }) => chance === moment);
    // Who comes, or comes back, joins the round that is on.
    for (const lane of ready) lane.round = Math.max(lane.round, round);
    const next = ready.reduce((first, lane) => (lane.round < first.round ? lane : first));
    round = next.round;
    next.round += 1;
    if (next === mine) at[ours.batches - mine.left] = moment;
    next.left -= 1;
    gate.take(moment);
  }
}

/** A campaign on its way: batches left, the round of its next turn, the next moment at which it may send. */
type Lane = { readonly sender: Sender; left: number; round: number; chance: number };

function createLane(sender: Sender): Lane {
  return { sender, left: sender.batches, round: 0, chance: Number.NEGATIVE_INFINITY };
}

/** The first moment, `moment` or later, at which a campaign may send: infinite when its deadline comes first. */
function nextChance({ startAt, deadline, window }: Sender, moment: number): number {
  const started = Math.max(moment, startAt ?? moment);
  const open = window ? nextOpening(window, started) : started;
  return deadline !== undefined && open >= deadline ? Number.POSITIVE_INFINITY : open;
}

/** What `begin` checks for the account: the day's quota, the end of the day, the minute. */
function createGate({ sends, minute }: Outlook, now: number) {
  const takenAt = [...minute.takenAt].sort((one, other) => one - other);
  let dayEndsAt = nextDay(now);
  let left = sends.left;

  return {
    /** The first moment, `from` or later, at which a call is let through. It never goes back. */
    next(from: number): number {
      let moment = from;
      for (;;) {
        if (moment >= dayEndsAt) {
          dayEndsAt = nextDay(moment);
          left = sends.perDay;
        }
        const placeAt = (takenAt.at(-minute.limit) ?? Number.NEGATIVE_INFINITY) + MINUTE_MS;
        if (left <= 0 || moment >= dayEndsAt - BEFORE_MIDNIGHT_MS) moment = dayEndsAt;
        else if (placeAt > moment) moment = placeAt;
        else return moment;
      }
    },

    take(moment: number): void {
      takenAt.push(moment);
      left -= 1;
    },
  };
}
