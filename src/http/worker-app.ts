import { type Context, Hono } from "hono";
import { Failure } from "../failure.ts";
import type { Logger } from "../log.ts";
import { refuseMethod } from "./app.ts";
import { type ApiKey, createGate } from "./auth.ts";
import { secure } from "./headers.ts";
import { createHealthHandlers, type Health } from "./health.ts";
import { createMetricsHandler, type Scrape } from "./metrics.ts";
import { createProblems } from "./problem.ts";
import { get, type PageRoute } from "./route.ts";

type Parts = {
  readonly apiKeys: readonly ApiKey[];
  /** The address that it listens on. */
  readonly host: string;
  readonly countWrongKey: (c: Context) => Promise<void>;
  readonly health: Health;
  readonly scrape: Scrape;
  readonly log: Logger;
};

/** A worker's door, for those who watch it: behind the same gates as the server's. */
export function createWorkerApp(parts: Parts) {
  const { ready, aliveWithRedis } = createHealthHandlers(parts.health);
  const routes: PageRoute[] = [
    get("/metrics", "read", createMetricsHandler(parts.scrape)),
    { method: "GET", path: "/healthz", access: "open", handler: aliveWithRedis },
    get("/readyz", "open", ready),
  ];
  const app = new Hono();
  const answer = createProblems(parts.log);
  const gate = createGate(parts);
  app.use(async (c, next) => {
    await next();
    secure(c.res);
  });
  app.onError(answer);
  app.notFound(() => answer(new Failure("NOT_FOUND", "There is nothing at this path.")));
  for (const { method, path, access, handler } of routes) app.on(method, path, gate(access), handler);
  for (const { path } of routes) app.all(path, refuseMethod(routes, path));
  return app;
}
