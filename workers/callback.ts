import type { Counts } from "../src/campaign/batch.ts";
import type { Clock } from "../src/clock.ts";
import type { Logger } from "../src/log.ts";
import type { Batches, Result } from "../src/store/batches.ts";
import { addressOf } from "../src/store/keys.ts";
import type { MassResult, WechatEvent } from "../src/wechat/events.ts";
import { refusalOf } from "../src/wechat/mass-status.ts";
import type { PassEvent } from "./pass-event.ts";
import type { Settle } from "./settle.ts";
import type { Wake } from "./wake.ts";

type Parts = {
  readonly batches: Batches;
  readonly wake: Wake;
  /** What becomes of anything that is no result. */
  readonly passEvent: PassEvent;
  /** Adds a campaign up again that had ended before this result came. */
  readonly correct: Settle["correct"];
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * What a WeChat event does to the ledger. Resolves once it is stored, and may be called with the same
 * event any number of times: the first result of a msg_id counts.
 */
export function createDeliver({ batches, wake, passEvent, correct, clock, log }: Parts) {
  return async (account: string, event: WechatEvent): Promise<void> => {
    if (event.kind === "event" || event.kind === "message") return passEvent(account, event);
    if (event.kind === "unknown-result") {
      log.warn({ account, msgId: event.msgId }, "A mass send's result has an unknown Status");
      return;
    }
    const result = resultOf(event);
    const delivered = await batches.deliver(account, event.msgId, result, clock.now());
    if (delivered.owner === undefined) {
      log.info({ account, msgId: event.msgId, kept: delivered.word }, "A result came that no batch owns yet");
      return;
    }
    const address = addressOf(account, delivered.owner);
    const state = await batches.close(address, result, clock.now());
    log.info({ account, msgId: event.msgId, batch: delivered.owner, state }, "A result came");
    await wake.batch(address);
    // The job of a batch that was given up has ended, and a hold may wait for it.
    if (state !== "repeat") await wake.campaign(address, 1);
    await correct({ account, id: address.campaign });
  };
}

function resultOf({ status, rawStatus, counts, originality, articleUrls }: MassResult): Result {
  const seen = countsOf(counts);
  const articles = { originality, articleUrls: articleUrls.length > 0 ? articleUrls : undefined };
  const told = { by: "callback", total: seen?.total, counts: seen, ...articles } as const;
  if (status === "success") return { ...told, state: "succeeded", stops: false };
  if (status === "fail") {
    const trouble = { code: "SEND_FAIL", message: `WeChat reports: ${rawStatus}` };
    return { ...told, state: "failed", trouble, stops: false };
  }
  const refusal = refusalOf(status.err);
  const trouble = { ...refusal, errcode: status.err, message: `${refusal.message} (${rawStatus})` };
  return { ...told, state: "failed", trouble, stops: true };
}

/** FilterCount is who is left after filtering (WECHAT.md section 6.3); more than there were say nothing. */
function countsOf(counts: MassResult["counts"]): Counts | undefined {
  if (!counts) return undefined;
  const { total, filter, sent, error } = counts;
  if (filter > total || sent + error > total) return undefined;
  return { total, filtered: total - filter, sent, failed: error };
}
