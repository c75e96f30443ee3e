import type { Context } from "hono";
import type { Account } from "../campaign/account.ts";
import type { QuotaBlock, QuotaLeft, QuotaState } from "../campaign/quota.ts";
import { type Accounts, accountIn } from "./account.ts";
import { isoTime } from "./iso-time.ts";
import { NoQuery, readQuery } from "./query.ts";

/** How an account's quotas stand now. */
export type ReadQuota = (account: Pick<Account, "id" | "limits">) => Promise<QuotaState>;

export function createQuotaHandler(readQuota: ReadQuota, accounts: Accounts) {
  return async function show(c: Context) {
    readQuery(c, NoQuery);
    return c.json(view(await readQuota(accountIn(c, accounts))));
  };
}

function view({ day, resetsAt, allCalls, minute, ...apis }: QuotaState) {
  const ofDay = (quota: QuotaLeft) => ({
    ...quota,
    resetsAt: isoTime(resetsAt),
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
  return block && { reason: block.reason, until: isoTime(block.until) };
}
