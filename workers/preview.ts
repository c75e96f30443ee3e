import { randomUUID } from "node:crypto";
import type { Account } from "../src/campaign/account.ts";
import type { PreviewRequest } from "../src/campaign/preview.ts";
import type { QuotaState } from "../src/campaign/quota.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { MassDesk } from "../src/wechat/mass-desk.ts";
import { valueIn } from "../src/wechat/value-in.ts";
import type { PersonCall } from "./person-call.ts";

type Parts = {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly massDeskOf: (account: string) => Pick<MassDesk, "preview">;
  readonly call: PersonCall;
  readonly readQuota: (account: Account, now: number) => Promise<QuotaState>;
  readonly clock: Clock;
};

/** What became of a preview: WeChat tells a msg_id sometimes; `left` is how many the day has. */
export type Previewed = { readonly account: string; readonly msgId?: string; readonly left: number };

/**
 * Shows a message to one follower, at the price of one of the day's previews. There is no clientmsgid: one whose
 * answer was lost may have been shown, and is not asked again.
 *
 * @throws Failure INVALID_PARAMETER for an account that there is not, QUOTA_SPENT, WECHAT_REFUSED (43004, 40003,
 *   40132, 40007 …), WECHAT_NOT_NOW, WECHAT_UNREACHABLE
 */
export function createPreview({ accounts, massDeskOf, call, readQuota, clock }: Parts) {
  return async ({ account: id, message, openid, wxname }: PreviewRequest): Promise<Previewed> => {
    const account = accounts.get(id);
    if (!account) {
      const error = { path: "account", message: "expected an account of the accounts file" };
      throw new Failure("INVALID_PARAMETER", `${error.path}: ${error.message}`, {
        details: { errors: [error] },
      });
    }
    const target = openid === undefined ? { wxname: wxname ?? "" } : { openid };
    const unit = { api: "preview", name: randomUUID() } as const;
    const shown = valueIn(await call(account, unit, () => massDeskOf(id).preview({ target, message })));
    const { preview } = await readQuota(account, clock.now());
    return { account: id, ...shown, left: preview.left };
  };
}
