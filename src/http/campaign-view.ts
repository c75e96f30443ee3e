import { z } from "zod";
import {
  type Batch,
  BatchState,
  ClosedBy,
  Counts,
  Trouble,
  type Waiting,
  WaitReason,
} from "../campaign/batch.ts";
import { type Campaign, CampaignState } from "../campaign/campaign.ts";
import { Notification } from "../campaign/notification.ts";
import { ArticleUrl, Originality } from "../campaign/originality.ts";
import { Progress, progressOf, Report } from "../campaign/report.ts";
import { VerdictView, viewVerdict } from "../campaign/review-view.ts";
import { TroubleView, viewTrouble } from "../campaign/trouble-view.ts";
import { shownState, waitingOf } from "../campaign/waiting.ts";
import { IsoTime, isoTime } from "./iso-time.ts";

const WaitingView = z
  .object({
    reason: WaitReason,
    until: IsoTime.nullable().describe("Null where a person must act."),
    ...Trouble.partial().shape,
  })
  .meta({
    id: "Waiting",
    description: "What a campaign waits for: of several things the one that passes first.",
  });
type WaitingView = z.infer<typeof WaitingView>;

const NotificationView = z
  .object({
    state: Notification.shape.state,
    attempts: z.int().nonnegative(),
    lastStatus: z.int().nullable().describe("What the receiver answered last, if it did."),
    lastAt: IsoTime.nullable(),
    reason: z.string().nullable().describe("Why the last attempt brought nothing."),
  })
  .meta({ id: "Notification", description: "What has become of the newest message to `notifyUrl`." });
type NotificationView = z.infer<typeof NotificationView>;

/** A campaign as callers see it (CONTRACT section 5). */
export const CampaignView = z
  .object({
    id: z.string(),
    account: z.string(),
    name: z.string().nullable(),
    state: CampaignState,
    waitingFor: WaitingView.nullable(),
    progress: Progress,
    report: Report.nullable().describe("Once it has ended; corrected when a result comes late."),
    notification: NotificationView.nullable(),
    createdAt: IsoTime,
    metadata: z.record(z.string(), z.string()).optional(),
  })
  .meta({ id: "Campaign" });
export type CampaignView = z.infer<typeof CampaignView>;

/** One batch as callers see it: one call of WeChat, for 10,000 people at most. */
export const BatchView = z
  .object({
    number: z.int().positive(),
    state: BatchState,
    size: z.int().nonnegative().describe("0 where WeChat itself finds the people."),
    clientmsgid: z.string(),
    msgId: z.string().nullable().describe("WeChat's msg_id: digits, which may pass 2^53."),
    closedBy: ClosedBy.nullable(),
    counts: Counts.nullable().describe("As WeChat reported them."),
    error: TroubleView.nullable(),
    originality: Originality.nullable(),
    articleUrls: z.array(ArticleUrl),
    calls: z.int().nonnegative().describe("Send calls that were or may have been made."),
    acceptedAt: IsoTime.nullable(),
    closedAt: IsoTime.nullable(),
    recalledAt: IsoTime.nullable().describe("When WeChat took all of it back."),
    recalledArticles: z.array(z.object({ articleIdx: z.int(), recalledAt: IsoTime })).optional(),
    ...VerdictView.shape,
  })
  .meta({ id: "Batch" });
export type BatchView = z.infer<typeof BatchView>;

/** `batches` matter only while there is no report. */
export function viewCampaign(campaign: Campaign, batches: readonly Batch[]): CampaignView {
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

export function viewBatch(batch: Batch, campaign: Pick<Campaign, "again">): BatchView {
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
    ...viewVerdict(batch, campaign),
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
function viewNotification(notification: Campaign["notification"]): NotificationView | null {
  if (!notification) return null;
  const { state, attempts, lastStatus = null, lastAt, reason = null } = notification;
  return { state, attempts, lastStatus, lastAt: isoTime(lastAt), reason };
}

function viewWaiting({ reason, until, trouble }: Waiting): WaitingView {
  return { reason, until: isoTime(until), ...trouble };
}

/** What `progressOf` says of an ended campaign's batches, without reading them again. */
function progressAtEnd({ batches, recipients }: Report): Progress {
  return { percent: batches.planned === 0 ? 0 : 100, batches, recipients };
}
