import type { Context } from "hono";
import type { Account } from "../campaign/account.ts";
import type { QuotaState } from "../campaign/quota.ts";
import { viewQuota } from "../campaign/quota-view.ts";
import { type Accounts, accountIn } from "./account.ts";
import { NoQuery, readQuery } from "./query.ts";

/** How an account's quotas stand now. */
export type ReadQuota = (account: Pick<Account, "id" | "limits">) => Promise<QuotaState>;

export function createQuotaHandler(readQuota: ReadQuota, accounts: Accounts) {
  return async function show(c: Context) {
    readQuery(c, NoQuery);
    return c.json(viewQuota(await readQuota(accountIn(c, accounts))));
  };
}
