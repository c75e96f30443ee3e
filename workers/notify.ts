import type { Campaign } from "../src/campaign/campaign.ts";
import {
  messageBody,
  messageId,
  NOTIFY_MS,
  nextAttemptAt,
  retryAfterMs,
} from "../src/campaign/notification.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Logger } from "../src/log.ts";
import { NotificationPayload } from "../src/queues/queues.ts";
import type { JobView, Wish } from "../src/queues/worker.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Attempt, DueMessage, MessageAddress, Notifications } from "../src/store/notifications.ts";
import { createReceivers } from "./receivers.ts";

type Answer = { readonly status: number; readonly retryAfter: string | undefined };

type Parts = {
  readonly notifications: Pick<Notifications, "find" | "note">;
  readonly campaigns: Pick<Campaigns, "findAt">;
  /** POSTs to an address of somebody else's: `fetch/post.ts`. Throws FETCH_REFUSED, FETCH_FAILED. */
  readonly postUrl: (
    url: string,
    message: { body: string; headers: Readonly<Record<string, string>> },
  ) => Promise<Answer>;
  /** The headers that name and sign a message; undefined where there is no secret. */
  readonly sign: ((id: string, at: number, body: string) => Record<string, string>) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 up to 1, drawn for each wait. */
  readonly random: () => number;
  readonly onEnd: (outcome: "delivered" | "failed") => void;
};

/** Before a message looks again whether its receiver is less busy; about as long as one that hangs takes. */
const BUSY_MS = 20_000;

/** A receiver that wants to hear of this address no more. */
const GONE = 410;

/**
 * The job of one message to a campaign's owner: POSTs the report of its revision, and tries again on schedule for a
 * day. What is to be delivered, and how often it was tried, the ledger says: whoever dies in an attempt leaves a
 * message that is sent once more, under the same id.
 *
 * @throws Failure NOTIFY_FAILED, and so fails the job, when the message is given up; BAD_JOB
 */
export function createNotify(parts: Parts) {
  const { notifications, campaigns, postUrl, sign, clock, log, random, onEnd } = parts;
  const receivers = createReceivers(clock);

  return async (job: JobView): Promise<Wish<string>> => {
    const address = addressIn(job);
    const message = await notifications.find(address);
    const campaign = message && (await campaigns.findAt({ account: address.account, id: address.campaign }));
    if (!message || !campaign) return { kind: "done", value: "over" };
    if (message.nextAt > clock.now()) return sleepUntil(message.nextAt);
    if (receivers.isBusy(campaign.notifyUrl ?? ""))
      return sleepUntil(clock.now() + BUSY_MS * (0.5 + random()));

    const attempt = await tryOnce(campaign, address, message);
    await notifications.note(address, attempt, clock.now());
    const { state, status = null, reason } = attempt;
    const attempts = message.attempts + 1;
    await job.note(`Attempt ${attempts}: ${reason ?? status}.`);
    const fields = { campaign: address.campaign, revision: address.revision, attempts, status, reason };
    if (state !== "pending") onEnd(state);
    if (state === "delivered") {
      log.info(fields, "A notification was delivered");
      return { kind: "done", value: state };
    }
    if (state === "pending") {
      log.info({ ...fields, nextAt: attempt.nextAt }, "A notification will be tried again");
      return sleepUntil(attempt.nextAt ?? 0);
    }
    log.warn(fields, "A notification could not be delivered");
    throw new Failure("NOTIFY_FAILED", `${reason}, attempt ${attempts}`);
  };

  function sleepUntil(at: number): Wish<never> {
    return { kind: "sleep", delayMs: at - clock.now(), changed: async () => false };
  }

  async function tryOnce(
    campaign: Campaign,
    { revision }: MessageAddress,
    { report, since, attempts }: DueMessage,
  ): Promise<Attempt> {
    const again = (reason: string, status?: number, afterMs?: number): Attempt => {
      const now = clock.now();
      const nextAt = nextAttemptAt({
        ...{ attempts: attempts + 1, since, now, random: random() },
        retryAfterMs: afterMs,
      });
      if (nextAt !== undefined) return { state: "pending", status, reason, nextAt };
      return { state: "failed", status, reason: `${reason}, and ${NOTIFY_MS / 3_600_000} h are over` };
    };
    if (!sign) return again("QUNFA_WEBHOOK_SECRET is not set");
    const body = messageBody(campaign, { revision, report, at: since });
    const headers = sign(messageId(campaign, revision), clock.now(), body);
    try {
      const url = campaign.notifyUrl ?? "";
      const { status, retryAfter } = await receivers.ask(url, () => postUrl(url, { body, headers }));
      if (status >= 200 && status < 300) return { state: "delivered", status };
      if (status === GONE) return { state: "failed", status, reason: "the receiver answered 410" };
      return again(`the receiver answered ${status}`, status, retryAfterMs(retryAfter, clock.now()));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.code === "FETCH_REFUSED") return { state: "failed", reason: error.message };
      return again(error.message);
    }
  }
}

function addressIn({ data }: JobView): MessageAddress {
  const parsed = NotificationPayload.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new Failure("BAD_JOB", "expected the account, campaign and revision of a message");
}
