import type { Account } from "../campaign/account.ts";
import type { QuotaState } from "../campaign/quota.ts";
import { QuotaView, viewQuota } from "../campaign/quota-view.ts";
import { type Accounts, accountIn } from "./account.ts";
import { NoQuery, readQuery } from "./query.ts";
import { documented } from "./route.ts";

/** How an account's quotas stand now. */
export type ReadQuota = (account: Pick<Account, "id" | "limits">) => Promise<QuotaState>;

export function createQuotaHandler(readQuota: ReadQuota, accounts: Accounts) {
  return documented(
    {
      id: "getQuota",
      summary: "Shows what is left of the account's calls today.",
      tag: "Accounts",
      answers: { 200: QuotaView },
    },
    async (c) => {
      readQuery(c, NoQuery);
      return c.json(viewQuota(await readQuota(accountIn(c, accounts))));
    },
  );
}
