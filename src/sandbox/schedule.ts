import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../log.ts";

const lookAgainMs = 20;

export type Schedule = ReturnType<typeof openSchedule>;

/** Everything that happens later. Closing it ends every wait at once. */
export function openSchedule(log: Logger) {
  const stop = new AbortController();
  const running = new Set<Promise<void>>();
  setMaxListeners(0, stop.signal);

  const wait = async (ms: number): Promise<void> => {
    if (ms > 0) await sleep(ms, undefined, { signal: stop.signal });
  };

  return {
    signal: stop.signal,
    /** Rejects when the schedule is closed meanwhile. */
    wait,
    /** For what hangs on a clock that tests turn, or on a person: looks again and again. Rejects like `wait`. */
    async until(holds: () => boolean): Promise<void> {
      while (!holds()) await wait(lookAgainMs);
    },
    run(task: () => Promise<void>): void {
      const done = task()
        .catch((error: unknown) => {
          if (!stop.signal.aborted) log.error({ err: error }, "A task of the sandbox failed.");
        })
        .finally(() => running.delete(done));
      running.add(done);
    },
    async close(): Promise<void> {
      stop.abort();
      await Promise.all(running);
    },
  };
}
