import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type Meters = ReturnType<typeof createMeters>;

type Named<Label extends string> = {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
};

/** A gauge that holds what was read at the last scrape, and nothing when that could not be read. */
export type ScrapeGauge<Label extends string> = Pick<Gauge<Label>, "set">;

/** Of prom-client's own: sums of others, and gauges by the name of counters, which Prometheus' linter refuses. */
const MISNAMED = ["handles", "requests", "resources"].map((what) => `nodejs_active_${what}_total`);

/**
 * The metrics of one process, in a registry of its own; `docs/metrics.md` lists them. Counters begin at 0 with the
 * process, as Prometheus expects.
 */
export function createMeters({ role, version }: { role: "server" | "worker"; version: string }) {
  const registry = new Registry();
  const registers = [registry];
  const clears: (() => void)[] = [];
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  new Gauge({
    ...{ name: "qunfa_build_info", help: "1, with what runs as labels", registers },
    labelNames: ["role", "version", "node"],
  }).set({ role, version, node: process.versions.node }, 1);

  return {
    registry,

    counter: <Label extends string>({ name, help, labels: labelNames = [] }: Named<Label>) =>
      new Counter({ name, help, labelNames, registers }),

    histogram: <Label extends string>(of: Named<Label> & { readonly buckets: readonly number[] }) => {
      const { name, help, labels: labelNames = [] } = of;
      return new Histogram({ name, help, labelNames, buckets: [...of.buckets], registers });
    },

    scrapeGauge<Label extends string>({ name, help, labels = [] }: Named<Label>): ScrapeGauge<Label> {
      const gauge = new Gauge({ name, help, labelNames: labels, registers });
      // prom-client's reset leaves a 0 where there is no label, which would be a false word.
      const clear = () => (labels.length === 0 ? gauge.remove() : gauge.reset());
      clears.push(clear);
      clear();
      return gauge;
    },

    /** Forgets what the last scrape has read. */
    clearScrape(): void {
      for (const clear of clears) clear();
    },
  };
}
