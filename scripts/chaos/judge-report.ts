import { isDeepStrictEqual } from "node:util";
import type { BookedJob, CampaignEvidence, Problem, ShownBatch } from "./evidence.ts";
import { messageOf, untold } from "./judge-people.ts";

/** Whether a campaign's report and its batches say what was enqueued and what the sandbox's books have. */
export function judgeReport(evidence: CampaignEvidence): Problem[] {
  const { id, report, batches, deliveries } = evidence;
  const says = [
    ...judgeSums(evidence),
    ...batches.flatMap((batch) => judgeBatch(batch, messageOf(batch, evidence))),
    ...deliveries
      .filter(({ clientmsgid }) => !batches.some((batch) => batch.clientmsgid === clientmsgid))
      .map(({ msg_id }) => `message ${msg_id} belongs to none of its batches`),
  ];
  const counted = batches.filter((batch) => batch.msgId !== null && messageOf(batch, evidence));
  const sum = (of: (job: BookedJob) => number, from = counted.filter(({ counts }) => counts !== null)) =>
    from.reduce((total, batch) => total + of(messageOf(batch, evidence) as BookedJob), 0);
  const booked = {
    submitted: sum(({ size }) => size, counted),
    total: sum(({ counts }) => counts.total),
    filtered: sum(({ counts }) => counts.total - counts.filter),
    sent: sum(({ counts }) => counts.sent),
    failed: sum(({ counts }) => counts.error),
  };
  if (!isDeepStrictEqual(report.recipients, booked))
    says.push(`reports ${JSON.stringify(report.recipients)}, the books have ${JSON.stringify(booked)}`);
  return says.map((text) => ({ kind: "report", says: `${id} ${text}` }));
}

/** The sums of CONTRACT section 4, and what was enqueued. */
function judgeSums(evidence: CampaignEvidence): string[] {
  const { report, batches, people, invalid } = evidence;
  const { audience } = report;
  const duplicates = evidence.duplicates - untold(evidence);
  const inState = (...states: string[]) => batches.filter(({ state }) => states.includes(state)).length;
  const admitted = batches.reduce((sum, { size }) => sum + size, 0);
  const told = audience.admitted + audience.capped + audience.excluded - untold(evidence);
  const expected = {
    planned: batches.length,
    succeeded: inState("succeeded"),
    failed: inState("failed"),
    needsReview: inState("needs_review"),
    canceled: inState("canceled"),
  };
  const missing = batches.filter(({ msgId, counts, state }) => {
    return msgId !== null && counts === null && ["succeeded", "failed"].includes(state);
  }).length;
  const wrong: readonly [boolean, string][] = [
    [audience.received !== people.length + evidence.duplicates + invalid, `received ${audience.received}`],
    [audience.duplicate !== duplicates, `counts ${audience.duplicate} duplicates, not ${duplicates}`],
    [audience.invalid !== invalid, `counts ${audience.invalid} as invalid, not ${invalid}`],
    [told !== people.length, `tells of ${told} people, not ${people.length}`],
    // A person alone can't be reached by a list.
    [batches.length > 0 && audience.excluded > 1, `excludes ${audience.excluded} without reason`],
    [audience.admitted !== admitted, `admits ${audience.admitted}, its batches have ${admitted}`],
    [!isDeepStrictEqual(report.batches, expected), `counts its batches ${JSON.stringify(report.batches)}`],
    [report.countsMissing !== missing, `says ${report.countsMissing} counts are missing, not ${missing}`],
  ];
  return wrong.filter(([is]) => is).map(([, text]) => text);
}

const SUCCESSFUL = ["send success", "SEND_SUCCESS", "DELETE"];

/** One batch against the message that the books have for it. */
function judgeBatch(batch: ShownBatch, job: BookedJob | undefined): string[] {
  const { number, state, size, msgId, closedBy, counts } = batch;
  const name = `batch ${number}, ${state},`;
  if (!["succeeded", "failed", "needs_review", "canceled"].includes(state)) return [`${name} is not closed`];
  if (!job) {
    const claims = msgId !== null || state === "succeeded";
    return claims ? [`${name} has the message ${msgId}, which nobody accepted`] : [];
  }
  // What a person has to find out may be either.
  const mayNotKnow = state === "needs_review";
  if (msgId === null) return mayNotKnow ? [] : [`${name} knows nothing of its message ${job.msg_id}`];
  const told = closedBy === "poll" ? job.status : (job.result ?? "");
  const expected = SUCCESSFUL.includes(told) ? "succeeded" : "failed";
  const { total, filter, sent, error } = job.counts;
  const booked = { total, filtered: total - filter, sent, failed: error };
  const acknowledged = job.callbacks.some(({ answer }) => answer === "success");
  const wrong: readonly [boolean, string][] = [
    [msgId !== job.msg_id, `${name} has the message ${msgId} instead of ${job.msg_id}`],
    [size !== job.size, `${name} has ${size} people, its message ${job.size}`],
    [!mayNotKnow && state !== expected, `${name} ended as ${told}`],
    [counts !== null && !isDeepStrictEqual(counts, booked), `${name} counts otherwise than its message`],
    [counts === null && acknowledged, `${name} has no counts, though its result was acknowledged`],
  ];
  return wrong.filter(([is]) => is).map(([, text]) => text);
}
