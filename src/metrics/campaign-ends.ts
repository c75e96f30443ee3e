import { type Batch, ClosedBy } from "../campaign/batch.ts";
import { EndState, type RecipientCounts, type Report } from "../campaign/report.ts";
import type { Meters } from "./meters.ts";

/** An end of a campaign, or a correction of one: then `before` is the report that is corrected. */
export type CampaignEnd = {
  readonly report: Report;
  readonly before: Report | undefined;
  readonly batches: readonly Batch[];
};

const AUDIENCE = ["admitted", "capped", "duplicate", "excluded", "invalid"] as const;
const RECIPIENTS = ["submitted", "filtered", "sent", "failed"] as const;
const NOBODY: RecipientCounts = { submitted: 0, total: 0, filtered: 0, sent: 0, failed: 0 };

/**
 * What has become of campaigns, counted when one closes. A correction adds to the recipients what WeChat has told
 * since; nothing else is counted again.
 */
export function createCampaignEnds({ counter }: Meters, accounts: readonly string[]) {
  const campaigns = counter({
    name: "qunfa_campaigns_closed_total",
    help: "Campaigns that have ended",
    labels: ["account", "state"],
  });
  const batches = counter({
    name: "qunfa_batches_closed_total",
    help: "Batches of ended campaigns, by who ended them",
    labels: ["account", "state", "by"],
  });
  const audience = counter({
    name: "qunfa_audience_entries_total",
    help: "Entries of the lists of ended campaigns",
    labels: ["account", "outcome"],
  });
  const recipients = counter({
    name: "qunfa_recipients_total",
    help: "Recipients of ended campaigns, as WeChat counts them",
    labels: ["account", "outcome"],
  });
  for (const account of accounts) {
    for (const state of EndState.options) campaigns.inc({ account, state }, 0);
    for (const by of [ClosedBy.enum.callback, ClosedBy.enum.poll])
      batches.inc({ account, state: "succeeded", by }, 0);
    for (const outcome of AUDIENCE) audience.inc({ account, outcome }, 0);
    for (const outcome of RECIPIENTS) recipients.inc({ account, outcome }, 0);
  }

  return ({ report, before, batches: all }: CampaignEnd): void => {
    const { account, state } = report;
    const counted = before?.recipients ?? NOBODY;
    for (const outcome of RECIPIENTS) {
      const more = report.recipients[outcome] - counted[outcome];
      if (more > 0) recipients.inc({ account, outcome }, more);
    }
    if (before) return;
    campaigns.inc({ account, state });
    for (const { state, closedBy = "reply" } of all) batches.inc({ account, state, by: closedBy });
    for (const outcome of AUDIENCE) audience.inc({ account, outcome }, report.audience?.[outcome] ?? 0);
  };
}
