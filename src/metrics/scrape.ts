import type { Meters } from "./meters.ts";

/** Something that is read at a scrape, and the gauges that show it. */
export type Reading = {
  readonly name: string;
  /** Reads it; answers how to show it. */
  readonly read: () => Promise<() => void>;
};

type Parts = {
  readonly meters: Meters;
  readonly readings: readonly Reading[];
  /** Rejects, or does not settle, while Redis is away. */
  readonly ping: () => Promise<unknown>;
  /** What the work comes to; rejects when it takes longer. */
  readonly inTime: <Value>(work: Promise<Value>, withinMs: number) => Promise<Value>;
};

export type Scrape = () => Promise<{ readonly contentType: string; readonly text: string }>;

/** Prometheus gives up after 10 s by default, and many are set to 5. */
const PATIENCE_MS = 3_000;

/**
 * All metrics in Prometheus' text format. Never fails, and takes 3 s at most, whatever Redis does: what could not be
 * read is left out and counted.
 */
export function createScrape({ meters, readings, ping, inTime }: Parts): Scrape {
  const { registry, clearScrape } = meters;
  const redisUp = meters.scrapeGauge({
    name: "qunfa_redis_up",
    help: "1 while Redis answers this process, else 0",
  });
  const errors = meters.counter({
    name: "qunfa_scrape_errors_total",
    help: "Readings that failed: their gauges are left out",
    labels: ["reading"],
  });
  for (const { name } of readings) errors.inc({ reading: name }, 0);

  async function look({ name, read }: Reading): Promise<() => void> {
    try {
      return await inTime(read(), PATIENCE_MS);
    } catch {
      errors.inc({ reading: name });
      return () => {};
    }
  }

  return async () => {
    const up = inTime(ping(), PATIENCE_MS).then(
      () => 1,
      () => 0,
    );
    const [isUp, ...shows] = await Promise.all([up, ...readings.map(look)]);
    clearScrape();
    redisUp.set(isUp);
    for (const show of shows) show();
    return { contentType: registry.contentType, text: await registry.metrics() };
  };
}
