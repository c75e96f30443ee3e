import { type Context, Hono, type MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Logger } from "../log.ts";
import { type ApiKey, createGate } from "./auth.ts";
import { createConditional } from "./conditional.ts";
import { secure } from "./headers.ts";
import { createProblems } from "./problem.ts";
import type { Route } from "./route.ts";
import { createRoutes, type RouteDeps } from "./routes.ts";

export type App = ReturnType<typeof createApp>;

export type AppDeps<Event> = RouteDeps<Event> & {
  readonly apiKeys: readonly ApiKey[];
  /** The address that the server listens on: what is open without a key needs a loopback one. */
  readonly host: string;
  /** The pages of the console; `/queues` is the queue dashboard. */
  readonly pages: Readonly<Record<`/${string}`, Hono>>;
};

/** The machine's door: the routes behind their gates, and every failure as a problem body. */
export function createApp<Event>(deps: AppDeps<Event>) {
  const app = new Hono();
  const answer = createProblems(deps.log);
  const gate = createGate(deps);

  app.use(createAccessLog(deps));
  app.use(async (c, next) => {
    // Hono hands onError what is an Error; anything else that is thrown comes up to here.
    await next().catch((thrown) => {
      c.res = answer(thrown);
    });
    secure(c.res);
  });
  app.use("/v1/*", async (c, next) => {
    await next();
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
  });
  app.onError(answer);
  app.notFound(() => answer(new Failure("NOT_FOUND", "There is nothing at this path.")));

  const routes = createRoutes(deps);
  for (const { method, path, access, handler, docs } of routes) {
    const kept = docs?.conditional ? createConditional() : [];
    app.on(method, path, gate(access), ...kept, handler);
  }
  for (const path of new Set(routes.map((route) => route.path))) app.all(path, refuseMethod(routes, path));

  for (const [path, page] of Object.entries(deps.pages)) {
    app.use(`${path}/*`, gate("page"));
    app.get(`${path}/`, (c) => c.redirect(path, 308));
    app.route(path, page);
  }
  return app;
}

function refuseMethod(routes: readonly Route[], path: string) {
  const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
  const allowed = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return (): never => {
    throw new Failure("METHOD_NOT_ALLOWED", `This path takes ${allowed.join(", ")}.`, {
      details: { allowed },
    });
  };
}

/** One debug line a request, with the route's pattern: the path itself may hold an OpenID. */
function createAccessLog({ log, clock }: { log: Logger; clock: Clock }): MiddlewareHandler {
  return async (c: Context, next) => {
    const startedAt = clock.now();
    await next();
    const { method } = c.req;
    log.debug(
      { method, route: routePath(c, -1), status: c.res.status, ms: clock.now() - startedAt },
      "Request answered",
    );
  };
}
