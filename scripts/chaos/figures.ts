import type { AccountEvidence, Problem } from "./evidence.ts";

/** What a run comes to, over all accounts. */
export function figuresOf(evidence: readonly AccountEvidence[], problems: readonly Problem[]) {
  const campaigns = evidence.flatMap((account) => account.campaigns);
  const reports = campaigns.map(({ report }) => report);
  const sum = <Of>(all: readonly Of[], of: (one: Of) => number) =>
    all.reduce((total, one) => total + of(one), 0);
  const concerned = (kind: Problem["kind"]) =>
    sum(
      problems.filter((problem) => problem.kind === kind),
      ({ people = 0 }) => people,
    );
  const states: Record<string, number> = {};
  for (const { state } of reports) states[state] = (states[state] ?? 0) + 1;
  return {
    campaigns: campaigns.length,
    states,
    batches: sum(reports, ({ batches }) => batches.planned),
    accepted: sum(campaigns, ({ deliveries }) => deliveries.length),
    received: sum(reports, ({ audience }) => audience.received),
    admitted: sum(reports, ({ audience }) => audience.admitted),
    capped: sum(reports, ({ audience }) => audience.capped),
    sent: sum(reports, ({ recipients }) => recipients.sent),
    failed: sum(reports, ({ batches }) => batches.failed),
    needsReview: sum(reports, ({ batches }) => batches.needsReview),
    canceled: sum(reports, ({ batches }) => batches.canceled),
    countsMissing: sum(reports, ({ countsMissing }) => countsMissing),
    sendCalls: sum(reports, ({ sendCalls }) => sendCalls),
    callsSeen: sum(evidence, ({ arrived }) => arrived),
    doubles: concerned("double"),
    losses: concerned("loss"),
  };
}
