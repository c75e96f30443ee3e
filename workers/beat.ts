import { type AuditEntry, QUNFA } from "../src/campaign/audit.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Logger } from "../src/log.ts";
import type { BeatStore } from "../src/store/beat.ts";
import type { Calls } from "../src/store/calls.ts";
import { isRedisAway } from "../src/store/redis-away.ts";

type Parts = {
  readonly beats: BeatStore;
  readonly accounts: readonly string[];
  readonly campaigns: { readonly open: (account: string) => Promise<CampaignId[]> };
  readonly moves: {
    readonly pause: (of: { account: string; id: CampaignId }, entry: AuditEntry) => Promise<string>;
  };
  /** How long Redis has run, by its own clock. */
  readonly uptimeMs: () => Promise<number>;
  /** Tells when the connection to Redis is lost: who answers next may know less. */
  readonly onDrop: (listener: () => void) => unknown;
  readonly clock: Clock;
  readonly log: Logger;
};

const BEAT_MS = 2_000;

/**
 * What a Redis may lose without anybody being asked: a crash costs the append-only file its last second or
 * two, a promoted replica what had not reached it. What those take back is safe: plans were waited for
 * (`durability.ts`), and a call that was forgotten is answered with 45065.
 */
const TAIL_MS = 10_000;

/** Nobody was there for so long that the data may as well be a backup, if Redis was started in that time. */
const STALE_MS = 3_600_000;

/** An uptime is in whole seconds, and the age of a beat is told by the clocks of two hosts, 2 s apart or more. */
const CLOCKS_MS = 10_000;

/**
 * Knows by the beat of all workers when Redis has gone back in time: a backup was restored, or a replica
 * far behind promoted. What was sent since then is unknown to it, and WeChat remembers a clientmsgid for a
 * day only; so every open campaign is paused until a person resumes it, before another call is made.
 */
export async function openBeat({ beats, accounts, campaigns, moves, uptimeMs, onDrop, clock, log }: Parts) {
  /** What this process has seen, oldest first: the count after each of its beats of the last while. */
  let seen: { count: number; at: number }[] = [];
  let isSure = false;
  let drops = 0;
  let underWay: Promise<void> | undefined;

  onDrop(() => {
    isSure = false;
    drops += 1;
  });
  await firstBeat().catch((error: unknown) => {
    if (!isRedisAway(error)) throw error;
    throw new Failure("REDIS_AWAY", "Redis takes nothing in: it is full, or a replica.", { cause: error });
  });
  const timer = setInterval(() => {
    beatOnce().catch(({ message }: Error) => log.warn({ reason: message }, "The beat could not be stored"));
  }, BEAT_MS);
  timer.unref();

  return {
    /** Lets no call begin before this process knows which Redis it has before it. */
    guard: (calls: Calls): Calls => ({
      ...calls,
      begin: async (...call) => {
        while (!isSure) await beatOnce();
        return calls.begin(...call);
      },
    }),
    close: async () => clearInterval(timer),
  };

  /** Before the last beat, however old, Redis was up already: so nobody has started it with a backup since. */
  async function firstBeat(): Promise<void> {
    await beat(Math.max(STALE_MS, (await uptimeMs()) - CLOCKS_MS));
  }

  function beatOnce(): Promise<void> {
    underWay ??= beat(0).finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function beat(staleMs: number): Promise<void> {
    const newest = seen.at(-1)?.count ?? 0;
    const dropsBefore = drops;
    const { count, alarm } = await beats.beat({ floor: floor(), newest, staleMs }, clock.now());
    if (alarm) {
      await pauseAll(alarm);
      await beats.endAlarm();
      seen = [];
    }
    isSure = drops === dropsBefore;
    const at = clock.now();
    const old = seen.findLastIndex((one) => one.at <= at - TAIL_MS);
    seen = [...seen.slice(Math.max(0, old)), { count, at }];
  }

  /** The count that had been reached TAIL_MS before the last beat that was answered; 0: not that long ago. */
  function floor(): number {
    const until = (seen.at(-1)?.at ?? 0) - TAIL_MS;
    return seen.findLast(({ at }) => at <= until)?.count ?? 0;
  }

  /** As a person would pause them: each needs a person to resume it. Whoever repeats this changes nothing. */
  async function pauseAll(alarm: "restored" | "stale"): Promise<void> {
    let paused = 0;
    const why =
      alarm === "restored" ? "Redis holds older data than before" : "no worker ran for over an hour";
    for (const account of accounts)
      for (const id of await campaigns.open(account)) {
        const entry = { at: clock.now(), act: "pause", account, campaign: id, who: QUNFA, why } as const;
        if ((await moves.pause({ account, id }, entry)) === "moved") paused += 1;
      }
    if (alarm === "restored")
      log.error({ paused }, "Redis holds older data than before: all open campaigns are paused");
    else if (paused > 0)
      log.error({ paused }, "No worker has run for over an hour: all open campaigns are paused");
  }
}
