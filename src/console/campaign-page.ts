import type { Context } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import type { Batch } from "../campaign/batch.ts";
import { isEnded } from "../campaign/campaign.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { tellTrouble, viewTrouble } from "../campaign/trouble-view.ts";
import { Failure } from "../failure.ts";
import { viewCampaign } from "../http/campaign-view.ts";
import type { Ledger } from "../http/ledger.ts";
import { readQuery } from "../http/query.ts";
import { count, knownAudience, moment, progressMark, stateMark, waitMark } from "./campaign-marks.ts";
import { jobPath } from "./job-path.ts";
import type { Layout, Markup } from "./layout.ts";
import type { Words } from "./words.ts";

const PAGE = 100;
const REFRESH_SECONDS = 20;

const BatchQuery = z.strictObject({
  /** The number of the last batch that was shown before. */
  after: z
    .string()
    .regex(/^\d{1,9}$/, "a whole number")
    .default("0")
    .transform(Number),
});

/** The page of one campaign: its report as far as there is one, and its batches, a hundred at a time. */
export function createCampaignPage(ledger: Pick<Ledger, "findCampaign" | "batchesOf">, layout: Layout) {
  const { basePath } = layout;

  const row = (w: Words, batch: Batch) => {
    const { number, state, size, counts, calls, closedBy = "–" } = batch;
    const trouble = viewTrouble(batch.trouble ?? batch.wait?.trouble);
    return html`<tr id="batch-${number}">
<td class="what"><a href="${basePath}${jobPath("batches", `${batch.campaign}~${number}`)}">${w.number} ${number}</a></td>
<td data-label="${w.state}">${stateMark(state, w.batchStates[state])}</td>
<td data-label="${w.size}" class="number">${size === 0 ? w.unknownPeople : count(size)}</td>
<td data-label="${w.sent}" class="number">${count(counts?.sent)}</td>
<td data-label="${w.failed}" class="number">${count(counts?.failed)}</td>
<td data-label="${w.calls}" class="number">${calls}</td>
<td data-label="${w.closedBy}">${closedBy}</td>
<td data-label="${w.problem}">${trouble ? html`${trouble.errcode ?? trouble.code} ${trouble.message}${trouble.remedy && html` <em>${trouble.remedy}</em>`}` : "–"}</td>
</tr>`;
  };

  return async function show(c: Context) {
    const { w } = layout.speak(c);
    const { after } = readQuery(c, BatchQuery);
    const id = CampaignId.safeParse(c.req.param("id"));
    const found = id.success ? await ledger.findCampaign(id.data) : undefined;
    if (!found) throw new Failure("NOT_FOUND", "There is no such campaign.");
    const batches = (await ledger.batchesOf(found)).sort((one, other) => one.number - other.number);
    const campaign = viewCampaign(found, batches);
    const { report, progress } = campaign;
    const audience = knownAudience(found);
    const rest = batches.filter(({ number }) => number > after);
    const shown = rest.slice(0, PAGE);
    const here = `${basePath}/campaigns/${encodeURIComponent(campaign.id)}`;

    const main = html`<p class="lead">${stateMark(campaign.state, w.states[campaign.state])} ${progressMark(campaign, w.progress)} ${waitMark(campaign, w)}</p>
<p><a href="${basePath}${jobPath("campaigns", campaign.id)}">${w.job}</a></p>
${facts([
  ["ID", campaign.id],
  [w.account, campaign.account],
  [w.created, moment(campaign.createdAt)],
  [w.closed, moment(report?.closedAt ?? null)],
  [w.reason, report?.reason ?? "–"],
  [w.problem, tellTrouble(report?.error ?? campaign.waitingFor ?? undefined) || "–"],
  [w.sendCalls, count(report?.sendCalls ?? batches.reduce((sum, { calls }) => sum + calls, 0))],
  [w.countsMissing, count(report?.countsMissing)],
])}
<h2>${w.audience}</h2>
${
  audience
    ? facts(
        (["received", "invalid", "duplicate", "excluded", "capped", "admitted"] as const).map((name) => [
          w[name],
          count(audience[name]),
        ]),
      )
    : html`<p>${w.unknownPeople}</p>`
}
<h2>${w.recipients}</h2>
${facts(
  (["submitted", "total", "filtered", "sent", "failed"] as const).map((name) => [
    w[name],
    count(progress.recipients[name]),
  ]),
)}
<h2>${w.batches}</h2>
${
  shown.length === 0
    ? html`<p class="empty">${w.noBatches}</p>`
    : html`<table>
<thead><tr><th>${w.number}</th><th>${w.state}</th><th class="number">${w.size}</th><th class="number">${w.sent}</th><th class="number">${w.failed}</th><th class="number">${w.calls}</th><th>${w.closedBy}</th><th>${w.problem}</th></tr></thead>
<tbody>
${shown.map((batch) => row(w, batch))}
</tbody>
</table>`
}
<p class="pages"><a href="${basePath}/">← ${w.toCampaigns}</a> ${
      rest.length > PAGE && html`<a rel="next" href="${here}?after=${shown.at(-1)?.number}">${w.more} →</a>`
    }</p>
<p class="note">${w.times}</p>`;
    const refreshSeconds = isEnded(campaign.state) ? undefined : REFRESH_SECONDS;
    return layout.answer(c, { title: campaign.name ?? campaign.id, main, refreshSeconds });
  };
}

function facts(pairs: readonly (readonly [string, Markup | string])[]): Markup {
  return html`<dl>${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
