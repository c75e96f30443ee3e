import { type Context, Hono, type MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { Failure } from "../failure.ts";
import { createGate, type GateDeps } from "./auth.ts";
import { createBasePath } from "./base-path.ts";
import { createConditional } from "./conditional.ts";
import { secure } from "./headers.ts";
import { createProblems, type TroublePage } from "./problem.ts";
import type { PageRoute } from "./route.ts";
import { createRoutes, type RouteDeps } from "./routes.ts";

export type App = ReturnType<typeof createApp>;

export type OnAnswer = (answer: {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}) => void;

export type AppDeps<Event> = RouteDeps<Event> &
  GateDeps & {
    /** Told of every answer; the route is its pattern. */
    readonly onAnswer?: OnAnswer | undefined;
    /** The path that a proxy puts before ours; empty without one. */
    readonly basePath: string;
    /** The pages for people, the login among them. */
    readonly console: readonly PageRoute[];
    /** Left out: a person, too, is shown the problem body. */
    readonly troublePage?: TroublePage | undefined;
    /** Whole applications behind the login, by their path: `/queues` is the queue dashboard. */
    readonly pages: Readonly<Record<`/${string}`, Hono>>;
  };

/** The machine's door: the routes behind their gates, and every failure as a problem body. */
export function createApp<Event>(deps: AppDeps<Event>) {
  const base = createBasePath(deps.basePath);
  const app = new Hono({ getPath: base.getPath });
  const answer = createProblems(deps.log);
  const gate = createGate(deps);

  app.use(createAccessLog(deps));
  app.use(async (c, next) => {
    // Hono hands onError what is an Error; anything else that is thrown comes up to here.
    await next().catch((thrown) => {
      c.res = answer(thrown);
    });
    base.locate(c.res);
    secure(c.res);
  });
  app.use("/v1/*", async (c, next) => {
    await next();
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
  });

  const api = createRoutes(deps);
  const forPrograms = new Set(api.map(({ path }) => path.split("/")[1]));
  const show = (c: Context, problem: Response) => {
    const isBrowsing = /\btext\/html\b/.test(c.req.header("accept") ?? "");
    const isForPerson = isBrowsing && !forPrograms.has(c.req.path.split("/")[1]);
    return isForPerson && deps.troublePage ? deps.troublePage(c, problem) : problem;
  };
  app.onError((error, c) => show(c, answer(error)));
  app.notFound((c) => show(c, answer(new Failure("NOT_FOUND", "There is nothing at this path."))));

  for (const { method, path, access, handler, docs } of api) {
    const kept = docs?.conditional ? createConditional() : [];
    app.on(method, path, gate(access), ...kept, handler);
  }
  for (const { method, path, access, handler } of deps.console) app.on(method, path, gate(access), handler);
  const routes = [...api, ...deps.console];
  for (const path of new Set(routes.map((route) => route.path))) app.all(path, refuseMethod(routes, path));

  for (const [path, page] of Object.entries(deps.pages)) {
    app.use(`${path}/*`, gate("page"));
    app.get(`${path}/`, (c) => c.redirect(`${path}${new URL(c.req.url).search}`, 308));
    app.route(path, page);
  }
  return app;
}

/** 405 for every other method of a path. */
export function refuseMethod(routes: readonly PageRoute[], path: string) {
  const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
  const allowed = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return (): never => {
    throw new Failure("METHOD_NOT_ALLOWED", `This path takes ${allowed.join(", ")}.`, {
      details: { allowed },
    });
  };
}

/** One debug line a request, with the route's pattern: the path itself may hold an OpenID. */
function createAccessLog({
  log,
  clock,
  onAnswer,
}: Pick<AppDeps<never>, "log" | "clock" | "onAnswer">): MiddlewareHandler {
  return async (c: Context, next) => {
    const startedAt = clock.now();
    await next();
    const ms = clock.now() - startedAt;
    const answer = { method: c.req.method, route: routePath(c, -1), status: c.res.status };
    log.debug({ ...answer, ms }, "Request answered");
    onAnswer?.({ ...answer, seconds: Math.max(0, ms) / 1_000 });
  };
}
