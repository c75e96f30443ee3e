import type { Trouble } from "../src/campaign/batch.ts";
import type { WechatError } from "../src/wechat/answer.ts";

/** Trouble of the account is tried again after 10, 20, 40 minutes, then hourly (CONTRACT section 4). */
export const ACCOUNT_BACKOFF = { reason: "account", firstMs: 600_000, capMs: 3_600_000 } as const;

/**
 * An administrator has 30 minutes to confirm; until then the send must not be repeated (WECHAT.md sections 2.2 and
 * 4.2). Whether the refused call is what they are asked about, WeChat's pages leave open: if it is and they agree,
 * the repeat with the same clientmsgid is answered 45065, which adopts it.
 */
export const CONFIRMATION_MS = 1_800_000;

/** WeChat's words as the ledger keeps them, with what a person can do where the errcode tells. */
export function troubleOf(
  code: string,
  { errcode, message, rid, ...rest }: WechatError & { remedy?: unknown },
  remedyOf: (errcode: number) => string | undefined = () => undefined,
): Trouble {
  const told = typeof rest.remedy === "string" ? rest.remedy : undefined;
  const remedy = told ?? (errcode === undefined ? undefined : remedyOf(errcode));
  return {
    code,
    message,
    ...(errcode !== undefined && { errcode }),
    ...(rid && { rid }),
    ...(remedy && { remedy }),
  };
}
