import { z } from "zod";
import { type Signature, Why } from "../campaign/audit.ts";
import type { QuotaState } from "../campaign/quota.ts";
import { QuotaView, viewQuota } from "../campaign/quota-view.ts";
import { Failure } from "../failure.ts";
import { type HeardApi, HeardView, viewHeard } from "../wechat/api-quota.ts";
import { type Accounts, accountIn } from "./account.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, readQuery } from "./query.ts";
import { ASKING_WECHAT, documented } from "./route.ts";
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

const RefreshedView = z.object({
  account: z.string(),
  day: z.string(),
  added: z.record(z.string(), z.int()).describe("Calls that our count did not have, by API."),
  warnings: z.array(z.string()),
  wechat: z.array(HeardView),
  quota: QuotaView,
});
type RefreshedView = z.infer<typeof RefreshedView>;

const ClearedView = z.object({ account: z.string(), cleared: z.literal(true), quota: QuotaView });
type ClearedView = z.infer<typeof ClearedView>;

/** Corrects our numbers by WeChat's, and has WeChat set its own to 0 (WECHAT.md section 5). */
export function createAccountQuotaHandlers(door: QuotaDoor, accounts: Accounts) {
  return {
    refresh: documented(
      {
        id: "refreshQuota",
        summary: "Corrects our count of the account's quotas by WeChat's.",
        tag: "Accounts",
        answers: { 200: RefreshedView },
        fails: ["QUOTA_SPENT", ...ASKING_WECHAT],
      },
      async (c) => {
        readQuery(c, NoQuery);
        const { apis, quota, warnings, ...rest } = await door.refresh(accountIn(c, accounts).id);
        const answer = {
          ...rest,
          warnings: [...warnings],
          wechat: apis.map(viewHeard),
          quota: viewQuota(quota),
        };
        return c.json(answer satisfies RefreshedView);
      },
    ),

    clear: documented(
      {
        id: "clearQuota",
        summary: "Has WeChat set the account's counts of calls to 0.",
        more: "Ten a month, the console's included: so the account's id has to be said once more, in `confirm`.",
        tag: "Accounts",
        body: ClearBody,
        answers: { 200: ClearedView },
        fails: ["QUOTA_SPENT", ...ASKING_WECHAT],
      },
      async (c) => {
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
        return c.json({ account: id, cleared: true, quota: viewQuota(quota) } satisfies ClearedView);
      },
    ),
  };
}
