import type { Meters } from "./meters.ts";

/** The number of jobs of each queue by BullMQ's own states. */
export type QueueDepths = ReadonlyMap<string, Readonly<Record<string, number>>>;

export function createQueueGauges({ scrapeGauge }: Meters) {
  const workers = scrapeGauge({ name: "qunfa_workers", help: "Worker processes connected to the queues" });
  const jobs = scrapeGauge({
    name: "qunfa_queue_jobs",
    help: "Jobs by queue and state",
    labels: ["queue", "state"],
  });
  return {
    workers: (count: number): void => workers.set(count),
    depths(depths: QueueDepths): void {
      for (const [queue, states] of depths)
        for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
    },
  };
}
