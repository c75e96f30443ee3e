import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { HonoAdapter } from "@bull-board/hono";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Queue } from "bullmq";
import { Hono } from "hono";
import { Failure } from "../failure.ts";
import { compact, compactData } from "./compact.ts";
import { campaignPathOf } from "./job-path.ts";

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

/** In both languages: the board's own words follow the browser, these can't. */
const notice =
  "Only to look at: the ledger decides. Deleting a job cancels nothing. 仅供查看：以账本为准，删除作业并不会取消群发。";

const descriptions: Readonly<Record<string, string>> = {
  campaigns: "One job a campaign, open until its end · 每个群发任务一个作业",
  batches: "One job a batch, which is one call to WeChat · 每个批次一个作业，即一次微信调用",
  events: "WeChat's events for other services · 供其他服务使用的微信事件",
  notify: "Reports on their way to notifyUrl · 发往 notifyUrl 的报告",
  reconcile: "The safety net, and lists that are read · 巡检与名单读取",
};

/** Queues whose every job is of a campaign. */
const ofCampaigns = new Set(["campaigns", "batches", "notify"]);

export type QueueBoardParts = {
  readonly queues: readonly Queue[];
  /** Where it is mounted. */
  readonly path: `/${string}`;
  /** What a proxy puts before that; empty without one. */
  readonly basePath: string;
};

/**
 * bull-board over the given queues, to be mounted at `path` behind a guard: it has no login of its own.
 * It only shows. The ledger decides what happens to a campaign, so that a job retried or removed by hand
 * would change nothing or do harm.
 */
export function createQueueBoard({ queues, path, basePath }: QueueBoardParts): Hono {
  // Routes see no base path, so neither does what looks for its files; all addresses in the page have it.
  const serveOwn: typeof serveStatic = (options) =>
    serveStatic({ ...options, rewriteRequestPath: (asked) => asked.slice(`${path}/static`.length) });
  const server = new HonoAdapter(serveOwn).setBasePath(basePath + path);
  createBullBoard({
    queues: queues.map((queue) => createAdapter(queue, basePath)),
    serverAdapter: server,
    options: {
      uiConfig: {
        boardTitle: "qunfa queues",
        hideDocsLink: true,
        miscLinks: [{ text: "Campaigns · 群发任务", url: `${basePath}/` }],
      },
    },
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

function createAdapter(queue: Queue, basePath: string): BullMQAdapter {
  const description = [descriptions[queue.name], notice].filter(Boolean).join(". ");
  const adapter = new BullMQAdapter(queue, {
    readOnlyMode: true,
    allowRetries: false,
    description,
    // The board wants a link for every job of a queue: a broken one's leads to all campaigns.
    ...(ofCampaigns.has(queue.name) && {
      externalJobUrl: (job) => ({
        displayText: "Campaign · 群发任务",
        href: basePath + (campaignPathOf(queue.name, job) ?? "/"),
      }),
    }),
  });
  adapter.setFormatter("data", compactData);
  adapter.setFormatter("returnValue", compact);
  adapter.setFormatter("progress", compact);
  return adapter;
}
