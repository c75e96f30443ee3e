import type { Logger } from "../src/log.ts";
import type { Queues } from "../src/queues/queues.ts";

type Parts = {
  readonly queues: Pick<Queues, "scheduleReconcile" | "restoreReconcile">;
  readonly everyMs: number;
  readonly log: Logger;
};

/** How often the schedule itself is looked after: each time takes a few commands. */
const LEAST_MS = 5_000;

/**
 * Has the reconciler run every so often, by one worker of all, and sees to it that this goes on: a failover of Redis
 * may lose the one job that would have brought the next.
 */
export async function openReconciling({ queues, everyMs, log }: Parts) {
  await queues.scheduleReconcile(everyMs);
  let pending: Promise<unknown> = Promise.resolve();
  const again = () => {
    pending = queues.restoreReconcile(everyMs).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.debug({ reason }, "The reconciler's schedule could not be looked after");
    });
  };
  const timer = setInterval(again, Math.max(LEAST_MS, 4 * everyMs));
  return {
    async close(): Promise<void> {
      clearInterval(timer);
      await pending;
    },
  };
}
