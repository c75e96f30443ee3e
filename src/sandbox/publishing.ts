import type { AccountWorld } from "./world.ts";

type Publisher = Pick<AccountWorld, "account" | "quotas">;

const toAllPerMonth = 4;

/**
 * The code for a message that may not be published any more (WECHAT.md section 5). Accepted messages count
 * against 45028, calls of any outcome against 45009; the same number bounds both. A subscription account has
 * one accepted message a day: whether a failed one gives it back is not written, so it does not.
 */
export function checkPublishing(
  publisher: Publisher,
  { api, toAll, daily }: { api: string; toAll: boolean; daily: number },
): number | undefined {
  const { account, quotas } = publisher;
  const mostAccepted = account.kind === "service" ? daily : Math.min(1, daily);
  if (quotas.day.get("accepted") >= mostAccepted) return 45028;
  if (toAll && !mayPublishToAll(publisher)) return 45028;
  return quotas.calls.get(api) > daily ? 45009 : undefined;
}

/** A service account sends one a day and four a month, the console's included. */
export function mayPublishToAll({ account, quotas }: Publisher): boolean {
  if (account.kind === "subscription") return quotas.day.get("accepted") < 1;
  return quotas.day.get("to-all") < 1 && quotas.month.get("to-all") < toAllPerMonth;
}

export function countPublishing({ quotas }: Publisher, toAll: boolean): void {
  quotas.day.add("accepted");
  if (toAll) countToAll(quotas);
}

/** A person at the console has no quota of calls; of a subscription account it is the same one. */
export function countConsoleSend({ account, quotas }: Publisher): void {
  if (account.kind === "subscription") quotas.day.add("accepted");
  countToAll(quotas);
}

/** Only a success counts: one to all that failed may be made good. */
export function takeBackToAll({ quotas }: Publisher, acceptedAt: number): void {
  quotas.day.takeBack("to-all", acceptedAt);
  quotas.month.takeBack("to-all", acceptedAt);
}

function countToAll(quotas: Publisher["quotas"]): void {
  quotas.day.add("to-all");
  quotas.month.add("to-all");
}
