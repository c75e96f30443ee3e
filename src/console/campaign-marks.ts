import { html } from "hono/html";
import type { BatchState } from "../campaign/batch.ts";
import type { Campaign, CampaignState } from "../campaign/campaign.ts";
import type { AudienceCounts } from "../campaign/report.ts";
import { nativeSegment } from "../campaign/segment.ts";
import type { viewCampaign } from "../http/campaign-view.ts";
import type { Markup } from "./layout.ts";
import type { Words } from "./words.ts";

export type CampaignView = ReturnType<typeof viewCampaign>;

/** What became of the list, as far as it has been read; null where WeChat itself expands the audience. */
export function knownAudience(campaign: Campaign): AudienceCounts | null {
  if (campaign.report) return campaign.report.audience;
  return nativeSegment(campaign) ? null : campaign.audience;
}

const whole = new Intl.NumberFormat("en");

/** `1,000,000`; a dash for what is not known. */
export function count(value: number | null | undefined): string {
  return value == null ? "–" : whole.format(value);
}

const shanghai = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai",
  dateStyle: "short",
  timeStyle: "medium",
});

/** A moment as Shanghai's calendar and clocks say it: `2026-12-01 09:00:00`. */
export function moment(iso: string | null): Markup | string {
  return iso === null ? "–" : html`<time datetime="${iso}">${shanghai.format(new Date(iso))}</time>`;
}

/** The state's name, with a class for its colour. */
export function stateMark(state: CampaignState | BatchState, name: string): Markup {
  return html`<span class="state ${state}">${name}</span>`;
}

/** What a campaign waits for and until when; undefined when it waits for nothing. */
export function waitMark({ waitingFor }: CampaignView, w: Words): Markup | undefined {
  if (!waitingFor) return undefined;
  const { reason, until } = waitingFor;
  const end = until === null ? w.aPerson : html`${w.until}${moment(until)}`;
  return html`<span class="wait">${w.waitsFor}${w.waits[reason]}${end}</span>`;
}

export function progressMark({ progress }: CampaignView, label: string): Markup {
  const { percent } = progress;
  return html`<span class="progress"><progress max="100" value="${percent}" aria-label="${label}">${percent} %</progress> ${percent} %</span>`;
}
