import type { Clock } from "../src/clock.ts";

/** An answer that takes so long is a slow one. */
const SLOW_MS = 2_000;

/** To a receiver that was slow last: so many messages at once, of all that a worker delivers. */
const TO_A_SLOW_ONE = 2;

/** Hosts are not remembered without end. */
const HOSTS_MAX = 1_000;

/** Keeps receivers that answer slowly, or never, from taking up all who deliver: they get a share, others the rest. */
export function createReceivers(clock: Clock) {
  const slow = new Set<string>();
  const underWay = new Map<string, number>();

  return {
    /** Whether a message to this address has to wait for those that are under way to the same receiver. */
    isBusy: (url: string): boolean => {
      const host = hostIn(url);
      return slow.has(host) && (underWay.get(host) ?? 0) >= TO_A_SLOW_ONE;
    },

    async ask<Answer>(url: string, post: () => Promise<Answer>): Promise<Answer> {
      const host = hostIn(url);
      const begunAt = clock.now();
      underWay.set(host, (underWay.get(host) ?? 0) + 1);
      try {
        return await post();
      } finally {
        const left = (underWay.get(host) ?? 1) - 1;
        if (left > 0) underWay.set(host, left);
        else underWay.delete(host);
        if (slow.size >= HOSTS_MAX) slow.clear();
        if (clock.now() - begunAt >= SLOW_MS) slow.add(host);
        else slow.delete(host);
      }
    },
  };
}

function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
