import type { Clock } from "../clock.ts";
import type { Job } from "./job.ts";
import type { Schedule } from "./schedule.ts";
import type { AccountWorld } from "./world.ts";

const patienceMs = 30 * 60_000;

export type Verdict = "approved" | "refused" | "timeout";
type Waiting = { job: Job; verdict: Verdict | undefined };

/** Messages that wait for an account's administrator, one an account (WECHAT.md section 2.2, protection). */
export function createConfirmations({ clock, schedule }: { clock: Clock; schedule: Schedule }) {
  const waiting = new Map<AccountWorld, Waiting>();
  return {
    find: (world: AccountWorld): Job | undefined => waiting.get(world)?.job,
    /** What the administrator says, or that nothing was said for half an hour of the clock. */
    async ask(world: AccountWorld, job: Job): Promise<Verdict> {
      const until = clock.now() + patienceMs;
      const entry: Waiting = { job, verdict: undefined };
      waiting.set(world, entry);
      await schedule.until(() => entry.verdict !== undefined || clock.now() >= until);
      waiting.delete(world);
      return entry.verdict ?? "timeout";
    },
    /** False when nothing waits. */
    decide(world: AccountWorld, verdict: "approved" | "refused"): boolean {
      const entry = waiting.get(world);
      if (entry === undefined) return false;
      entry.verdict = verdict;
      return true;
    },
  };
}
