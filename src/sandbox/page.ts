import { html } from "hono/html";
import type { Requests } from "./requests.ts";
import type { AccountWorld, World } from "./world.ts";

const shownJobs = 20;
const shownMedia = 20;
const shownRequests = 30;

/** What the fake has seen, for a person with a browser: one page without a script, nobody's OpenID on it. */
export function renderPage({ world, requests }: { world: World; requests: Requests }) {
  const last = requests.list().slice(-shownRequests).reverse();
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>qunfa sandbox</title>
        <style>
          body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; }
          table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; }
          th, td { border: 1px solid #ddd; padding: 0.2rem 0.6rem; text-align: left; }
          th { background: #f5f5f5; }
          code { font-size: 12px; }
        </style>
      </head>
      <body>
        <h1>The sandbox: a fake WeChat</h1>
        <p>Nothing here reached anybody. Scripted faults and whole books: <code>docs/sandbox.md</code>.</p>
        ${world.all.map(accountSection)}
        <h2>Last calls</h2>
        ${table(
          ["at", "account", "method", "path", "errcode", "fault", "bytes"],
          last.map(({ at, account, method, path, errcode, fault, bytes }) => [
            at,
            account,
            method,
            path,
            errcode ?? "no effect",
            fault,
            bytes,
          ]),
        )}
      </body>
    </html>`;
}

function accountSection({ account, quotas, followers, tags, media, books }: AccountWorld) {
  const { jobs, totals } = books.list();
  const all = media.list();
  const calls = quotas.calls.list();
  const names = [...new Set([...Object.keys(totals.arrived), ...Object.keys(calls)])].sort();
  return html`<h2>Account ${account.id}</h2>
    <p>
      ${account.appid}, ${account.kind}: ${followers.openids.length} followers, ${tags.list().length} tags,
      messages accepted today: ${quotas.day.get("accepted")}, to all this month: ${quotas.month.get("to-all")}
    </p>
    <h3>Calls</h3>
    ${table(
      ["call", "arrived", "counted today"],
      names.map((name) => [name, totals.arrived[name] ?? 0, calls[name]]),
    )}
    <h3>Last messages</h3>
    ${table(
      ["accepted at", "msg_id", "kind", "clientmsgid", "recipients", "state", "result", "sent", "begins"],
      jobs
        .slice(-shownJobs)
        .reverse()
        .map((job) => [
          job.acceptedAt,
          job.msg_id,
          job.msgtype,
          job.clientmsgid,
          job.size,
          job.status,
          job.result,
          job.counts.sent,
          job.text,
        ]),
    )}
    <h3>Media and drafts</h3>
    ${table(
      ["added at", "media id", "type", "until", "articles", "external images"],
      all
        .slice(-shownMedia)
        .reverse()
        .map(({ id, type, createdAt, expiresAt, articles }) => [
          iso(createdAt),
          `${id.slice(0, 12)}…`,
          type,
          expiresAt === null ? "" : iso(expiresAt),
          articles.map(({ title }) => title).join(", "),
          articles.reduce((sum, { externalImages }) => sum + externalImages, 0) || "",
        ]),
    )}`;
}

type Cell = string | number | undefined;

function table(heads: readonly string[], rows: readonly (readonly Cell[])[]) {
  if (rows.length === 0) return html`<p>None yet.</p>`;
  return html`<table>
    <tr>
      ${heads.map((head) => html`<th>${head}</th>`)}
    </tr>
    ${rows.map(
      (row) =>
        html`<tr>
          ${row.map((cell) => html`<td>${cell ?? ""}</td>`)}
        </tr>`,
    )}
  </table>`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
