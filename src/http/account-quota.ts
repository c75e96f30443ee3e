import type { Context } from "hono";
import { z } from "zod";
import { type Signature, Why } from "../campaign/audit.ts";
import type { QuotaState } from "../campaign/quota.ts";
import { viewQuota } from "../campaign/quota-view.ts";
import { Failure } from "../failure.ts";
import { type HeardApi, viewHeard } from "../wechat/api-quota.ts";
import { type Accounts, accountIn } from "./account.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, readQuery } from "./query.ts";
import { signedBy } from "./signature.ts";

/** What WeChat counts itself, by an account's id; `compose.ts` hands it over. */
export type QuotaDoor = {
  refresh(account: string): Promise<{
    readonly account: string;
    readonly day: string;
    readonly apis: readonly HeardApi[];
    readonly added: Readonly<Record<string, number>>;
    readonly warnings: readonly string[];
    readonly quota: QuotaState;
  }>;
  clear(account: string, by: Signature): Promise<{ readonly account: string; readonly quota: QuotaState }>;
};

const ClearBody = z.strictObject({
  confirm: z.string("expected the account's id"),
  reason: Why.optional(),
});

/** Corrects our numbers by WeChat's, and has WeChat set its own to 0 (WECHAT.md section 5). */
export function createAccountQuotaHandlers(door: QuotaDoor, accounts: Accounts) {
  return {
    async refresh(c: Context) {
      readQuery(c, NoQuery);
      const { apis, quota, ...rest } = await door.refresh(accountIn(c, accounts).id);
      return c.json({ ...rest, wechat: apis.map(viewHeard), quota: viewQuota(quota) });
    },

    /** Ten a month, the console's included: so the account's id has to be said once more. */
    async clear(c: Context) {
      readQuery(c, NoQuery);
      const { id } = accountIn(c, accounts);
      const { confirm, reason } = await readBodyAs(c, ClearBody);
      if (confirm !== id) {
        const error = { path: "confirm", message: "expected the id of the account in the path" };
        throw new Failure("INVALID_PARAMETER", `${error.path}: ${error.message}`, {
          details: { errors: [error] },
        });
      }
      const { quota } = await door.clear(id, signedBy(c, reason));
      return c.json({ account: id, cleared: true, quota: viewQuota(quota) });
    },
  };
}
