import { readFileSync } from "node:fs";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { HonoAdapter } from "@bull-board/hono";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Queue } from "bullmq";
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { Failure } from "../failure.ts";
import { compact, compactData } from "./compact.ts";
import { campaignPathOf } from "./job-path.ts";
import { languageOf, words } from "./words.ts";

/** The dashboard's page writes inline styles. Every request of it stays at home, and no script runs but its own. */
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

/** What the page has of ours beside the board's own script. */
const LOGIN_WATCH = "/login-watch.js";
const loginWatch = readFileSync(new URL("./login-watch.js", import.meta.url));

/** In both languages: the board's own words follow the browser, these can't. */
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
    if (c.res.headers.get("content-type")?.startsWith("text/html"))
      c.res = new Response(await atHome(c, await c.res.text(), { path, basePath }), c.res);
    c.res.headers.set("Content-Security-Policy", contentSecurityPolicy);
    // What it shows is of those who are logged in; its files are not.
    if (!c.req.path.startsWith(`${path}/static/`)) c.res.headers.set("Cache-Control", "no-store");
  });
  board.get(LOGIN_WATCH, (c) =>
    c.body(loginWatch, 200, { "Content-Type": "text/javascript; charset=utf-8" }),
  );
  board.route("/", server.registerPlugin());
  return board;
}

/**
 * The page without what it would ask of other hosts, fonts (the policy stops what comes anew), and with a word of
 * what it is for.
 */
async function atHome(
  c: Context,
  page: string,
  { path, basePath }: Pick<QueueBoardParts, "path" | "basePath">,
): Promise<string> {
  const w = words[languageOf(c)];
  const notice = await html`<style>
#root { padding-bottom: 3rem }
#only-to-look-at { position: fixed; right: 0; bottom: 0; z-index: 9; margin: 0; padding: .5rem 1rem; border-radius: 8px 0 0; background: #1a211d; color: #fff; font: 14px system-ui, sans-serif }
#only-to-look-at a { color: #5bd39b }
</style>
<p id="only-to-look-at">${w.onlyToLookAt} <a href="${basePath}/">${w.campaigns}</a></p>
<script src="${basePath}${path}${LOGIN_WATCH}"></script>`;
  return page.replace(/<link\b[^>]*\bhref="https?:[^>]*>/g, "").replace("</body>", (end) => notice + end);
}

function createAdapter(queue: Queue, basePath: string): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, {
    readOnlyMode: true,
    allowRetries: false,
    description: descriptions[queue.name] ?? "",
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
