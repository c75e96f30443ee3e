import { AnyQuery } from "./query.ts";
import { documented } from "./route.ts";

/** All metrics of this process as Prometheus reads them. Never rejects, and takes a few seconds at most. */
export type Scrape = () => Promise<{ readonly contentType: string; readonly text: string }>;

export function createMetricsHandler(scrape: Scrape) {
  return documented(
    {
      id: "getMetrics",
      summary: "Tells all metrics of this process as Prometheus reads them.",
      tag: "Operation",
      query: AnyQuery,
      answers: { 200: { "text/plain": null } },
    },
    async (c) => {
      const { contentType, text } = await scrape();
      return c.body(text, 200, { "Content-Type": contentType, "Cache-Control": "no-store" });
    },
  );
}
