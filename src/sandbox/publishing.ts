import type { AccountWorld } from "./world.ts";

const toAllPerMonth = 4;

/**
 * The code for a message that may not be published any more (WECHAT.md section 5). Accepted messages count
 * against 45028, calls of any outcome against 45009; the same number bounds both. A subscription account has
 * one accepted message a day: whether a failed one gives it back is not written, so it does not. To all
 * followers a service account sends one a day and four a month, the console's included.
 */
export function checkPublishing(
  { account, quotas }: AccountWorld,
  { api, toAll, daily }: { api: string; toAll: boolean; daily: number },
): number | undefined {
  const mostAccepted = account.kind === "service" ? daily : Math.min(1, daily);
  if (quotas.day.get("accepted") >= mostAccepted) return 45028;
  if (toAll && !mayPublishToAll({ quotas })) return 45028;
  return quotas.calls.get(api) > daily ? 45009 : undefined;
}

export function mayPublishToAll({ quotas }: Pick<AccountWorld, "quotas">): boolean {
  return quotas.day.get("to-all") < 1 && quotas.month.get("to-all") < toAllPerMonth;
}

export function countPublishing({ quotas }: AccountWorld, toAll: boolean): void {
  quotas.day.add("accepted");
  if (!toAll) return;
  quotas.day.add("to-all");
  quotas.month.add("to-all");
}

/** Only a success counts: one to all that failed may be made good. */
export function takeBackToAll({ quotas }: AccountWorld, acceptedAt: number): void {
  quotas.day.takeBack("to-all", acceptedAt);
  quotas.month.takeBack("to-all", acceptedAt);
}
