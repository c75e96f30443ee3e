import type { CampaignEvidence, Problem, ShownBatch } from "./evidence.ts";

/** States in which a batch is counted as one that was not sent. */
const UNSENT: readonly string[] = ["failed", "needs_review", "canceled"];

/** Nobody twice, nobody who was not asked for, nobody missing; and what the API says of single people. */
export function judgePeople(evidence: CampaignEvidence): Problem[] {
  const { id, people, deliveries, report, batches, fates } = evidence;
  const times = new Map<string, number>();
  for (const { openids } of deliveries)
    for (const openid of openids) times.set(openid, (times.get(openid) ?? 0) + 1);
  const problems: Problem[] = [];

  const twice = [...times].filter(([, count]) => count > 1).map(([openid]) => openid);
  if (twice.length > 0)
    problems.push({ kind: "double", people: twice.length, says: `${id} was sent twice to ${some(twice)}` });

  const asked = new Set(people);
  const foreign = [...times.keys()].filter((openid) => !asked.has(openid));
  if (foreign.length > 0)
    problems.push({
      kind: "report",
      says: `${id} was sent to people who were not in its list: ${some(foreign)}`,
    });

  // Who is in no message must be told: as held back, or as one of a batch that was not sent.
  const { capped, excluded } = report.audience;
  const unsent = batches.filter((batch) => UNSENT.includes(batch.state) && !messageOf(batch, evidence));
  const told = capped + excluded - untold(evidence) + unsent.reduce((sum, { size }) => sum + size, 0);
  const missing = people.length - (times.size - foreign.length) - told;
  if (missing > 0)
    problems.push({
      kind: "loss",
      people: missing,
      says: `${id} has lost ${missing} people: in no message, and not told`,
    });
  if (missing < 0)
    problems.push({ kind: "report", says: `${id} tells of ${-missing} people as not sent to who were` });

  for (const fate of fates) {
    const { openid, outcome, state } = fate;
    const sent = times.has(openid);
    const fits = sent
      ? outcome === "admitted"
      : ["capped", "excluded"].includes(outcome) || (outcome === "admitted" && UNSENT.includes(state ?? ""));
    if (!fits)
      problems.push({
        kind: sent ? "report" : "loss",
        ...(!sent && { people: 1 }),
        says: `${id} says ${outcome}, ${state} of ${openid}, who was ${sent ? "" : "not "}sent to`,
      });
  }
  return problems;
}

/** Duplicates among the excluded: what has ended before it was planned does not tell them apart. */
export function untold({ batches, duplicates, report }: CampaignEvidence): number {
  return batches.length === 0 ? duplicates - report.audience.duplicate : 0;
}

/** The message of a batch, by the id that WeChat compares. */
export function messageOf({ clientmsgid }: ShownBatch, { deliveries }: CampaignEvidence) {
  return deliveries.find((delivery) => delivery.clientmsgid === clientmsgid);
}

function some(openids: readonly string[]): string {
  const rest = openids.length > 3 ? ` and ${openids.length - 3} more` : "";
  return openids.slice(0, 3).join(", ") + rest;
}
