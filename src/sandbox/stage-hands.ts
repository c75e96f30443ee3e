import { Hono } from "hono";
import { z } from "zod";
import { EventRequest } from "./event.ts";
import type { Events } from "./events.ts";
import { count } from "./job.ts";
import type { Jobs } from "./jobs.ts";
import { countConsoleSend, mayPublishToAll } from "./publishing.ts";
import type { World } from "./world.ts";

const Verdict = z.strictObject({ verdict: z.enum(["approved", "refused"]) });

/** What people do while a client is not looking: followers, a person at the console, the administrator. */
export function createStageHands({
  world,
  jobs,
  events,
}: {
  world: World;
  jobs: Pick<Jobs, "decide">;
  events: Events;
}) {
  const hands = new Hono();

  hands.post("/accounts/:account/events", async (context) => {
    const found = world.byId(context.req.param("account"));
    if (found === undefined) return context.notFound();
    const posted: unknown = await context.req.json().catch(() => undefined);
    const { data, error } = EventRequest.safeParse(posted);
    if (data !== undefined) return context.json({ answers: await events.happen(found, data) });
    const errors = error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    return context.json({ error: "This is no event.", errors }, 422);
  });

  hands.post("/accounts/:account/console-sends", (context) => {
    const found = world.byId(context.req.param("account"));
    if (found === undefined) return context.notFound();
    if (!mayPublishToAll(found)) return context.json({ error: "The quota is used up." }, 409);
    countConsoleSend(found);
    const { followers } = found;
    return context.json({ counts: count(followers.send(followers.openids, true)) });
  });

  hands.post("/accounts/:account/confirmation", async (context) => {
    const found = world.byId(context.req.param("account"));
    if (found === undefined) return context.notFound();
    const posted: unknown = await context.req.json().catch(() => undefined);
    const { data } = Verdict.safeParse(posted);
    if (data === undefined) return context.json({ error: "A verdict is approved or refused." }, 422);
    if (jobs.decide(found, data.verdict)) return context.body(null, 204);
    return context.json({ error: "No message waits for the administrator." }, 409);
  });

  hands.get("/accounts/:account/media", (context) => {
    const found = world.byId(context.req.param("account"));
    if (found === undefined) return context.notFound();
    const media = found.media.list().map(({ articles, ...medium }) => ({
      ...medium,
      articles: articles.map(({ title, externalImages }) => ({ title, externalImages })),
    }));
    return context.json({ media });
  });
  return hands;
}
