import type { Batch, Waiting } from "../campaign/batch.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { type Progress, progressOf, type Report } from "../campaign/report.ts";
import { shownState, waitingOf } from "../campaign/waiting.ts";
import { isoTime } from "./iso-time.ts";

/** A campaign as callers see it (CONTRACT section 5). `batches` matter only while there is no report. */
export function viewCampaign(campaign: Campaign, batches: readonly Batch[]) {
  const { id, account, name = null, report = null, createdAt, metadata } = campaign;
  const waiting = waitingOf(campaign, batches);
  return {
    id,
    account,
    name,
    state: shownState(campaign, batches),
    waitingFor: waiting ? viewWaiting(waiting) : null,
    progress: report ? progressAtEnd(report) : progressOf(batches),
    report,
    createdAt: isoTime(createdAt),
    notification: viewNotification(campaign.notification),
    ...(metadata && { metadata }),
  };
}

export function viewBatch(batch: Batch) {
  const { number, state, size, clientmsgid, msgId = null, closedBy = null, counts = null, calls } = batch;
  return {
    number,
    state,
    size,
    clientmsgid,
    msgId,
    closedBy,
    counts,
    error: viewTrouble(batch.trouble),
    originality: batch.originality ?? null,
    articleUrls: batch.articleUrls ?? [],
    calls,
    acceptedAt: isoTime(batch.acceptedAt),
    closedAt: isoTime(batch.closedAt),
    ...viewRecalls(batch.recalls),
  };
}

/** When WeChat took all of it back, else null; and its single articles, if it took any. */
function viewRecalls(recalls: Batch["recalls"] = {}) {
  const articles = Object.entries(recalls).flatMap(([index, { at }]) =>
    index === "0" || at === undefined ? [] : [{ articleIdx: Number(index), recalledAt: isoTime(at) }],
  );
  return {
    recalledAt: isoTime(recalls["0"]?.at),
    ...(articles.length > 0 && { recalledArticles: articles }),
  };
}

/** The newest message to its `notifyUrl`; null while there is none to send. */
function viewNotification(notification: Campaign["notification"]) {
  if (!notification) return null;
  const { state, attempts, lastStatus = null, lastAt, reason = null } = notification;
  return { state, attempts, lastStatus, lastAt: isoTime(lastAt), reason };
}

function viewWaiting({ reason, until, trouble }: Waiting) {
  return { reason, until: isoTime(until), ...trouble };
}

/** Why something waits or ended: `errcode` and `rid` are null where WeChat did not speak. */
export function viewTrouble(trouble: Batch["trouble"]) {
  if (!trouble) return null;
  const { code, errcode = null, message, rid = null, remedy } = trouble;
  return { code, errcode, message, rid, ...(remedy && { remedy }) };
}

/** What `progressOf` says of an ended campaign's batches, without reading them again. */
function progressAtEnd({ batches, recipients }: Report): Progress {
  return { percent: batches.planned === 0 ? 0 : 100, batches, recipients };
}
