import { Failure } from "../failure.ts";
import type { AccessToken } from "./access-token.ts";
import type { WechatError } from "./answer.ts";

/** WeChat refused a call because of its access token. */
export type TokenRefused = { readonly kind: "token"; readonly error: WechatError };

/** What stands in the way when a call can't have its token. */
export type NoToken =
  | { readonly kind: "not-now"; readonly wait: "account"; readonly error: WechatError }
  | { readonly kind: "unclear"; readonly error: WechatError };

export type Tokens = Pick<AccessToken, "get" | "replace">;

/** Trouble with a token: of the account, or of the network. Anything else is a bug, and the caller's. */
export function noToken(failure: unknown): NoToken {
  if (!(failure instanceof Failure)) throw failure;
  const { errcode, rid } = failure.details as Pick<WechatError, "errcode" | "rid">;
  const error = { message: failure.message, ...(errcode !== undefined && { errcode }), ...(rid && { rid }) };
  if (failure.code === "TOKEN_REFUSED") return { kind: "not-now", wait: "account", error };
  if (failure.code === "WECHAT_UNREACHABLE") return { kind: "unclear", error };
  throw failure;
}

/**
 * Makes a call with the account's token. One that is refused is replaced, once, and the call made again:
 * refused once more it is the account's trouble.
 */
export async function withToken<Reply extends { readonly kind: string }>(
  tokens: Tokens,
  attempt: (token: string) => Promise<Reply | TokenRefused>,
): Promise<Reply | NoToken> {
  try {
    const token = await tokens.get();
    const first = await attempt(token);
    if (!isRefused(first)) return first;
    const second = await attempt(await tokens.replace(token));
    return isRefused(second) ? { kind: "not-now", wait: "account", error: second.error } : second;
  } catch (failure) {
    return noToken(failure);
  }

  function isRefused(reply: Reply | TokenRefused): reply is TokenRefused {
    return reply.kind === "token";
  }
}
