import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { HonoAdapter } from "@bull-board/hono";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Queue } from "bullmq";
import { Hono } from "hono";
import { Failure } from "../failure.ts";
import { compact, compactData } from "./compact.ts";

/**
 * The dashboard's page asks for Google's fonts and writes inline styles: this keeps every request of it at
 * home, and no script runs but its own.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * bull-board over the given queues, to be mounted at `path` behind a guard: it has no login of its own.
 * It only shows. The ledger decides what happens to a campaign, so that a job retried or removed by hand
 * would change nothing or do harm.
 */
export function createQueueBoard({ queues, path }: { queues: readonly Queue[]; path: `/${string}` }): Hono {
  const server = new HonoAdapter(serveStatic).setBasePath(path);
  createBullBoard({
    queues: queues.map(createAdapter),
    serverAdapter: server,
    options: { uiConfig: { boardTitle: "qunfa queues", hideDocsLink: true } },
  });

  const board = new Hono();
  board.use(async (c, next) => {
    // Read-only mode refuses most writes, but answers 200 to a few that it only skips. Here none gets through.
    const allowed = ["GET", "HEAD"];
    if (!allowed.includes(c.req.method))
      throw new Failure("METHOD_NOT_ALLOWED", "The queue dashboard only shows.", { details: { allowed } });
    await next();
    // Its own error body repeats the error, which quotes a job's data where that is no JSON.
    if (c.res.status >= 500)
      throw new Failure("INTERNAL", "The queue dashboard can't read one of these jobs.");
    c.res.headers.set("Content-Security-Policy", contentSecurityPolicy);
  });
  board.route("/", server.registerPlugin());
  return board;
}

function createAdapter(queue: Queue): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
  adapter.setFormatter("data", compactData);
  adapter.setFormatter("returnValue", compact);
  adapter.setFormatter("progress", compact);
  return adapter;
}
