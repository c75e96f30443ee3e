import type { Context } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import { AccountId } from "../campaign/account.ts";
import { type Campaign, CampaignState, isEnded } from "../campaign/campaign.ts";
import { viewCampaign } from "../http/campaign-view.ts";
import type { Ledger } from "../http/ledger.ts";
import { readQuery } from "../http/query.ts";
import { count, knownAudience, moment, progressMark, stateMark, waitMark } from "./campaign-marks.ts";
import type { Layout } from "./layout.ts";
import type { Words } from "./words.ts";

const PAGE = 25;
const REFRESH_SECONDS = 20;

/** A form sends what was left empty too. */
const orEmpty = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([z.literal("").transform(() => undefined), schema]).optional();
const ListQuery = z.strictObject({
  account: orEmpty(AccountId),
  state: orEmpty(CampaignState),
  cursor: z.string().min(1).max(256).optional(),
});
type ListQuery = z.infer<typeof ListQuery>;

export type CampaignListParts = {
  readonly ledger: Pick<Ledger, "listCampaigns" | "batchesOf">;
  readonly accounts: readonly string[];
  readonly layout: Layout;
};

/** The page `/`: the campaigns, newest first, each with how far it is. */
export function createCampaignList({ ledger, accounts, layout }: CampaignListParts) {
  const { basePath } = layout;
  const view = async (campaign: Campaign) => ({
    ...viewCampaign(campaign, campaign.report ? [] : await ledger.batchesOf(campaign)),
    audience: knownAudience(campaign),
  });

  const filter = (w: Words, { account, state }: ListQuery) => html`<form class="filter" action="${basePath}/">
<label>${w.account}<select name="account">
<option value="">${w.all}</option>
${accounts.map((id) => html`<option value="${id}"${id === account && html` selected`}>${id}</option>`)}
</select></label>
<label>${w.state}<select name="state">
<option value="">${w.all}</option>
${CampaignState.options.map(
  (one) => html`<option value="${one}"${one === state && html` selected`}>${w.states[one]}</option>`,
)}
</select></label>
<button>${w.filter}</button>
</form>`;

  const row = (w: Words, campaign: Awaited<ReturnType<typeof view>>) => {
    const { id, name, account, state, report, progress, createdAt, audience } = campaign;
    const { sent, failed } = progress.recipients;
    return html`<tr>
<td class="what"><a href="${basePath}/campaigns/${encodeURIComponent(id)}">${name ?? id}</a>${name && html`<span class="id">${id}</span>`}</td>
<td data-label="${w.account}">${account}</td>
<td data-label="${w.state}">${stateMark(state, w.states[state])}${report?.reason && html`<span class="wait">${report.reason}</span>`}${waitMark(campaign, w)}</td>
<td data-label="${w.progress}">${progressMark(campaign, `${w.progress}: ${name ?? id}`)}</td>
<td data-label="${w.admitted}" class="number">${count(audience?.admitted)}</td>
<td data-label="${w.sent}" class="number">${count(sent)}</td>
<td data-label="${w.failed}" class="number">${count(failed)}</td>
<td data-label="${w.created}">${moment(createdAt)}</td>
</tr>`;
  };

  const linkTo = (query: ListQuery) => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    return `${basePath}/?${new URLSearchParams(given as [string, string][])}`;
  };

  return async function show(c: Context) {
    const { w } = layout.speak(c);
    const query = readQuery(c, ListQuery);
    const { account, state, cursor } = query;
    const { items, nextCursor } = await ledger.listCampaigns({
      limit: PAGE,
      ...(account !== undefined && { account }),
      ...(state !== undefined && { state }),
      ...(cursor !== undefined && { cursor }),
    });
    const campaigns = await Promise.all(items.map(view));
    const isMoving = campaigns.some((campaign) => !isEnded(campaign.state));
    const main = html`${filter(w, query)}
${
  campaigns.length === 0
    ? html`<p class="empty">${w.none}</p>`
    : html`<table class="campaigns">
<thead><tr><th>${w.campaign}</th><th>${w.account}</th><th>${w.state}</th><th>${w.progress}</th><th class="number">${w.admitted}</th><th class="number">${w.sent}</th><th class="number">${w.failed}</th><th>${w.created}</th></tr></thead>
<tbody>
${campaigns.map((campaign) => row(w, campaign))}
</tbody>
</table>`
}
<p class="pages">${cursor !== undefined && html`<a href="${linkTo({ account, state })}">← ${w.newest}</a>`} ${
      nextCursor !== null &&
      html`<a rel="next" href="${linkTo({ account, state, cursor: nextCursor })}">${w.older} →</a>`
    }</p>
<p class="note">${isMoving && w.refreshed} ${w.times}</p>`;
    const refreshSeconds = isMoving ? REFRESH_SECONDS : undefined;
    return layout.answer(c, { title: w.campaigns, main, refreshSeconds });
  };
}
