import type { QuotaBlock, QuotaLeft, QuotaState } from "./quota.ts";

/** Quotas as callers see them, over HTTP (CONTRACT section 5) or by `qunfa account quota -o json`. */
export function viewQuota({ day, resetsAt, allCalls, minute, ...apis }: QuotaState) {
  const ofDay = (quota: QuotaLeft) => ({
    ...quota,
    resetsAt: iso(resetsAt),
    stopped: viewBlock(quota.stopped),
  });
  return {
    day,
    send: ofDay(apis.send),
    uploadNews: ofDay(apis.uploadNews),
    delete: ofDay(apis.delete),
    preview: ofDay(apis.preview),
    allCalls: allCalls && ofDay(allCalls),
    minute: { ...minute, stopped: viewBlock(minute.stopped) },
  };
}

function viewBlock(block: QuotaBlock | null) {
  return block && { reason: block.reason, until: iso(block.until) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
