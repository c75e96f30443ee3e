import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { FaultRequest, type Faults } from "./faults.ts";
import type { Requests } from "./requests.ts";
import type { World } from "./world.ts";

type Env = { Bindings: HttpBindings };

/** Lets only this machine look behind the stage. */
export const localOnly: MiddlewareHandler<Env> = (context, next) => {
  if (isLocal(context)) return next();
  return Promise.resolve(context.json({ error: "Only this machine may look behind the stage." }, 403));
};

/** What WeChat would never show: faults to order, and the fake's own books. For this machine only. */
export function createBackstage({
  world,
  faults,
  requests,
}: {
  world: World;
  faults: Faults;
  requests: Requests;
}) {
  const backstage = new Hono<Env>();

  backstage.post("/faults", async (context) => {
    const posted: unknown = await context.req.json().catch(() => undefined);
    const { data, error } = FaultRequest.safeParse(posted);
    if (data?.account !== undefined && world.byId(data.account) === undefined)
      return context.json(noAccount(data.account), 404);
    if (data !== undefined) return context.json(faults.add(data), 201);
    const errors = error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    return context.json({ error: "This is no fault.", errors }, 422);
  });
  backstage.get("/faults", (context) => context.json({ faults: faults.list() }));
  backstage.delete("/faults", (context) => {
    faults.clear();
    return context.body(null, 204);
  });

  backstage.get("/requests", (context) => context.json({ requests: requests.list() }));
  backstage.get("/books", (context) =>
    context.json({
      accounts: world.all.map(({ account, books }) => ({ account: account.id, ...books.list() })),
    }),
  );
  backstage.get("/books/:account", (context) => {
    const account = context.req.param("account");
    const found = world.byId(account);
    return found === undefined
      ? context.json(noAccount(account), 404)
      : context.json({ account, ...found.books.list() });
  });
  backstage.get("/books/:account/summary", (context) => {
    const found = world.byId(context.req.param("account"));
    return found === undefined ? context.notFound() : context.json(found.books.summary());
  });
  backstage.get("/books/:account/jobs/:msgId/recipients", (context) => {
    const found = world.byId(context.req.param("account"));
    const recipients = found?.books.listOf(context.req.param("msgId"));
    return recipients === undefined ? context.notFound() : context.json({ recipients });
  });
  backstage.get("/books/:account/recipients/:openid", (context) => {
    const found = world.byId(context.req.param("account"));
    if (found === undefined) return context.notFound();
    const openid = context.req.param("openid");
    const index = found.followers.indexOf(openid);
    const follower = index === undefined ? null : { receivedThisMonth: found.followers.received(index) };
    return context.json({ ...found.books.recipient(openid), follower });
  });
  return backstage;
}

/** Tells an account that is missing from a path that is. */
const noAccount = (account: string) => ({ error: "There is no such account.", account });

/** A browser's page or a proxy may not speak for this machine. */
function isLocal({ env, req }: Context<Env>): boolean {
  const address = env.incoming.socket.remoteAddress ?? "";
  const passedOn = ["forwarded", "x-forwarded-for", "origin"].some((name) => req.header(name) !== undefined);
  return !passedOn && /^(::1|(::ffff:)?127\.)/.test(address);
}
