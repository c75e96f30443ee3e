import type { Clock } from "../clock.ts";
import { type Reply, refuse } from "./refusal.ts";

const windowMs = 24 * 3_600_000;

type Memory = { triedAt: number; job?: { msgId: bigint; acceptedAt: number } };

export type Duplicates = ReturnType<typeof createDuplicates>;

/**
 * Which sends of one account were made already (WECHAT.md section 3): by clientmsgid, or without one by a
 * digest of audience and content. Both are remembered for 24 hours.
 */
export function createDuplicates({ clock, retryGapMs }: { clock: Clock; retryGapMs: number }) {
  const memories = new Map<string, Memory>();

  const forgetOld = () => {
    for (const [key, { triedAt, job }] of memories) {
      if (Math.max(triedAt, job?.acceptedAt ?? 0) + windowMs < clock.now()) memories.delete(key);
    }
  };

  return {
    /**
     * Notes a try and returns the refusal of one that comes again: 45066 for an id whose last try is too
     * young, whatever came of that, else 45065 with the msg_id that the first one got.
     */
    check(key: string, { named }: { named: boolean }): Reply | undefined {
      const now = clock.now();
      const memory = memories.get(key);
      if (memory === undefined) {
        forgetOld();
        memories.set(key, { triedAt: now });
        return undefined;
      }
      const tooFast = named && now - memory.triedAt < retryGapMs;
      memory.triedAt = now;
      if (tooFast) return refuse(45066);
      const { job } = memory;
      return job !== undefined && now - job.acceptedAt < windowMs
        ? refuse(45065, { msg_id: job.msgId })
        : undefined;
    },

    accept(key: string, msgId: bigint): void {
      memories.set(key, { triedAt: clock.now(), job: { msgId, acceptedAt: clock.now() } });
    },
  };
}
