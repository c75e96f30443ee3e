import type { Context } from "hono";

/** All metrics of this process as Prometheus reads them. Never rejects, and takes a few seconds at most. */
export type Scrape = () => Promise<{ readonly contentType: string; readonly text: string }>;

export function createMetricsHandler(scrape: Scrape) {
  return async (c: Context): Promise<Response> => {
    const { contentType, text } = await scrape();
    return c.body(text, 200, { "Content-Type": contentType, "Cache-Control": "no-store" });
  };
}
