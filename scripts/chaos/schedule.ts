import { createDraw, type Draw } from "../../src/sandbox/random.ts";
import { type ChaosCampaign, drawCampaigns } from "./campaigns.ts";
import { type ChaosFault, drawFaults } from "./weather.ts";

export const WORKERS = ["worker-1", "worker-2", "worker-3"] as const;
export type Victim = (typeof WORKERS)[number] | "server";
const VICTIMS: readonly Victim[] = [...WORKERS, "server"];

export type Deed =
  | { readonly deed: "enqueue"; readonly campaign: ChaosCampaign }
  | { readonly deed: "kill"; readonly victims: readonly Victim[]; readonly downMs: number }
  | { readonly deed: "kill-redis"; readonly downMs: number }
  | { readonly deed: "fault"; readonly fault: ChaosFault }
  /** Of a campaign or an account, by its path in the API. */
  | { readonly deed: "pause"; readonly path: string; readonly forMs: number }
  /** The first of them that takes it. */
  | { readonly deed: "cancel"; readonly ids: readonly string[] };
export type Event = Deed & { readonly atMs: number };

export type ScheduleOptions = {
  readonly seed: number;
  readonly stormMs: number;
  readonly batches: number;
  readonly redisKills: number;
  readonly accounts: readonly string[];
};

/** Between two kills; a process that was started again is left alone for a moment. */
const KILL_EVERY_MS = [300, 2_600] as const;
const DOWN_MS = [0, 1_500] as const;
const LEFT_ALONE_MS = 400;
/** The first one: by then something is under way. */
const FIRST_KILL_MS = [1_500, 3_000] as const;
/** One kill in so many takes all that run. */
const ALL_EVERY = 8;
const REDIS_DOWN_MS = [100, 2_000] as const;

/** Of the storm, in which campaigns are enqueued: the last ones are still under way at its end. */
const ENQUEUED_WITHIN = 0.9;
const FAULTS_A_BATCH = 0.8;
const PAUSE_EVERY_MS = 10_000;

/** All that happens in the storm, by when: the same for the same options. */
export function drawSchedule({ seed, stormMs, batches, redisKills, accounts }: ScheduleOptions) {
  const draw = createDraw(seed);
  const { campaigns, followers } = drawCampaigns(draw, accounts, batches);
  const enqueues = enqueued(draw, campaigns, stormMs);
  const faults = drawFaults(draw, accounts, Math.ceil(batches * FAULTS_A_BATCH));
  const events: Event[] = [
    ...enqueues,
    ...faults.map((fault): Event => ({ deed: "fault", fault, atMs: draw([0, stormMs - 1]) })),
    ...kills(draw, stormMs),
    ...redisKillsOf(draw, redisKills, stormMs),
    ...pauses(draw, enqueues, stormMs),
    cancel(draw, campaigns, stormMs),
  ];
  return { campaigns, followers, events: events.toSorted((one, other) => one.atMs - other.atMs) };
}

type Enqueue = Extract<Event, { deed: "enqueue" }>;

/** Each account's campaigns one after the other, none of them waiting for the end of another. */
function enqueued(draw: Draw, campaigns: readonly ChaosCampaign[], stormMs: number): Enqueue[] {
  const spanMs = stormMs * ENQUEUED_WITHIN;
  return campaigns.map((campaign) => {
    const own = campaigns.filter(({ account }) => account === campaign.account);
    const [place, stepMs] = [own.indexOf(campaign), spanMs / own.length];
    // The first at once: the storm comes up over something.
    const lateMs = place === 0 ? 0 : draw([0, Math.ceil(stepMs)]);
    return { deed: "enqueue", campaign, atMs: Math.ceil(stepMs * place) + lateMs };
  });
}

function kills(draw: Draw, stormMs: number): Event[] {
  const events: Event[] = [];
  const freeAt = new Map<Victim, number>();
  for (let atMs = draw([...FIRST_KILL_MS]); atMs < stormMs; atMs += draw([...KILL_EVERY_MS])) {
    const running = VICTIMS.filter((victim) => (freeAt.get(victim) ?? 0) <= atMs);
    const one = running[draw([0, Math.max(0, running.length - 1)])];
    const victims = draw([1, ALL_EVERY]) === 1 ? running : one ? [one] : [];
    const downMs = draw([...DOWN_MS]);
    for (const victim of victims) freeAt.set(victim, atMs + downMs + LEFT_ALONE_MS);
    if (victims.length > 0) events.push({ deed: "kill", victims, downMs, atMs });
  }
  return events;
}

/** Spread over the storm. */
function redisKillsOf(draw: Draw, count: number, stormMs: number): Event[] {
  const stepMs = stormMs / count;
  return Array.from({ length: count }, (_, at): Event => {
    const atMs = draw([Math.ceil(stepMs * (at + 0.2)), Math.ceil(stepMs * (at + 0.8))]);
    return { deed: "kill-redis", downMs: draw([...REDIS_DOWN_MS]), atMs };
  });
}

function pauses(draw: Draw, enqueues: readonly Enqueue[], stormMs: number): Event[] {
  return Array.from({ length: Math.max(2, Math.floor(stormMs / PAUSE_EVERY_MS)) }, (_, at): Event => {
    const { campaign, atMs } = anyOf(draw, enqueues);
    const path = at % 2 === 0 ? `/v1/campaigns/${campaign.id}` : `/v1/accounts/${campaign.account}`;
    return { deed: "pause", path, forMs: draw([500, 4_000]), atMs: atMs + draw([200, 5_000]) };
  });
}

function cancel(draw: Draw, campaigns: readonly ChaosCampaign[], stormMs: number): Event {
  const left = campaigns.map(({ id }) => id);
  const ids = campaigns.flatMap(() => left.splice(draw([0, left.length - 1]), 1));
  return { deed: "cancel", ids, atMs: draw([Math.ceil(stormMs / 4), Math.ceil(stormMs / 2)]) };
}

function anyOf(draw: Draw, enqueues: readonly Enqueue[]): Enqueue {
  const one = enqueues[draw([0, enqueues.length - 1])];
  if (!one) throw new Error("no campaign");
  return one;
}
