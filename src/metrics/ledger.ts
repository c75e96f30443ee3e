import { BatchState } from "../campaign/batch.ts";
import type { QuotaState } from "../campaign/quota.ts";
import { type Standing, WaitingFor } from "../campaign/standing.ts";
import type { Meters } from "./meters.ts";

/** The states of a campaign that has not ended. */
const OPEN_STATES = ["scheduled", "preparing", "sending", "waiting", "paused", "canceling"] as const;
const RECIPIENTS = ["submitted", "filtered", "sent", "failed"] as const;
const QUOTAS = ["send", "uploadNews", "delete", "preview", "allCalls"] as const;

/** How the accounts stand in the ledger. What there is none of is 0, so that an alert can tell it from not known. */
export function createLedgerGauges({ scrapeGauge }: Meters) {
  const campaigns = scrapeGauge({
    name: "qunfa_campaigns",
    help: "Open campaigns by state",
    labels: ["account", "state"],
  });
  const batches = scrapeGauge({
    name: "qunfa_batches",
    help: "Batches of open campaigns by state",
    labels: ["account", "state"],
  });
  const recipients = scrapeGauge({
    name: "qunfa_open_recipients",
    help: "Recipients of open campaigns so far, as WeChat counts them",
    labels: ["account", "outcome"],
  });
  const waiting = scrapeGauge({
    name: "qunfa_oldest_waiting_batch_age_seconds",
    help: "How long the oldest batch not sent has waited",
    labels: ["account", "reason"],
  });
  const accepted = scrapeGauge({
    name: "qunfa_oldest_accepted_batch_age_seconds",
    help: "How long the oldest accepted batch has no result",
    labels: ["account"],
  });
  const doubtful = scrapeGauge({
    name: "qunfa_oldest_doubtful_batch_age_seconds",
    help: "How long the oldest batch in doubt has been so",
    labels: ["account"],
  });
  const inReview = scrapeGauge({
    name: "qunfa_batches_in_review",
    help: "Batches a person has to settle",
    labels: ["account"],
  });
  const unmatched = scrapeGauge({
    name: "qunfa_unmatched_callbacks",
    help: "Results that no batch owns and nobody has booked",
    labels: ["account"],
  });
  const limit = scrapeGauge({
    name: "qunfa_quota_limit",
    help: "Calls that a day may have",
    labels: ["account", "api"],
  });
  const left = scrapeGauge({
    name: "qunfa_quota_left",
    help: "Calls that today still may have",
    labels: ["account", "api"],
  });
  const caps = scrapeGauge({
    name: "qunfa_cap_users",
    help: "Users by how many messages this month, 4 for four or more",
    labels: ["account", "messages"],
  });
  const ageOf = (since: number | undefined, now: number) =>
    since === undefined ? 0 : Math.max(0, (now - since) / 1_000);

  return {
    standing(account: string, standing: Standing, now: number): void {
      for (const state of OPEN_STATES) campaigns.set({ account, state }, standing.campaigns.get(state) ?? 0);
      for (const state of BatchState.options)
        batches.set({ account, state }, standing.batches.get(state) ?? 0);
      for (const outcome of RECIPIENTS) recipients.set({ account, outcome }, standing.recipients[outcome]);
      for (const reason of WaitingFor.options)
        waiting.set({ account, reason }, ageOf(standing.waitingSince.get(reason), now));
      accepted.set({ account }, ageOf(standing.acceptedSince, now));
    },

    /** `doubtSince` in milliseconds; the rest are numbers of batches and results. */
    doubts(
      account: string,
      of: { doubtSince: number | undefined; inReview: number; unmatched: number },
      now: number,
    ): void {
      doubtful.set({ account }, ageOf(of.doubtSince, now));
      inReview.set({ account }, of.inReview);
      unmatched.set({ account }, of.unmatched);
    },

    quota(account: string, quota: QuotaState): void {
      for (const api of QUOTAS) {
        const of = quota[api];
        if (!of) continue;
        limit.set({ account, api }, of.limit);
        left.set({ account, api }, of.left);
      }
    },

    caps(account: string, users: Readonly<Record<string, number>>): void {
      for (const [messages, people] of Object.entries(users)) caps.set({ account, messages }, people);
    },
  };
}
