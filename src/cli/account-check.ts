import { randomUUID } from "node:crypto";
import type { Account } from "../campaign/account.ts";
import { Failure } from "../failure.ts";
import { sign } from "../wechat/signature.ts";
import { type Check, look } from "./check.ts";
import { networkReason } from "./network-reason.ts";

/** WeChat itself waits for no longer. */
const ANSWER_MS = 5_000;

/** What is looked at beside the ledger, for `doctor` and `account check`; `compose-checkup.ts` hands it over. */
export type Checkup = {
  /** Throws TOKEN_REFUSED, WECHAT_UNREACHABLE. */
  readonly askToken: (account: Account) => Promise<{ readonly lifeMs: number }>;
  /** Where the server of this configuration listens. */
  readonly serverUrl: string;
};

/** Whether WeChat gives this account a token, and whether its callbacks would arrive. */
export async function checkAccount(
  { askToken, serverUrl }: Checkup,
  account: Account,
  url: string | undefined,
): Promise<Check[]> {
  const of = { account: account.id };
  const [token, callback] = await Promise.all([
    look("token", async () => Math.round((await askToken(account)).lifeMs / 60_000), of),
    look("callback", () => verifyCallback(account, url ?? serverUrl), of),
  ]);
  // Whether the server is on this machine nobody has said.
  const isGuess = url === undefined && callback.code === "FETCH_FAILED";
  return [token, isGuess ? { ...of, check: "callback", state: "warn", found: callback.found } : callback];
}

/**
 * Asks the callback URL of an account what WeChat's console asks when it is entered (WECHAT.md section 6.1).
 * Answers the URL.
 *
 * @throws Failure FETCH_FAILED when there is no such answer, BAD_SIGNATURE when the server has another token,
 *   NOT_FOUND when it does not know the account
 */
async function verifyCallback({ id, token }: Account, base: string): Promise<string> {
  const url = `${base.replace(/\/+$/, "")}/wechat/${id}/callback`;
  const [timestamp, nonce, echostr] = [`${Math.floor(Date.now() / 1_000)}`, randomUUID(), randomUUID()];
  const query = new URLSearchParams({ signature: sign(token, timestamp, nonce), timestamp, nonce, echostr });
  const { status, text } = await ask(`${url}?${query}`).catch((cause: unknown) => {
    throw new Failure("FETCH_FAILED", `${url} does not answer: ${networkReason(cause)}`, { cause });
  });
  if (status === 200 && text === echostr) return url;
  if (status === 403) throw new Failure("BAD_SIGNATURE", `${url} has another token for this account`);
  if (status === 404) throw new Failure("NOT_FOUND", `${url} knows no such account`);
  throw new Failure("FETCH_FAILED", `${url} gives another answer than qunfa's (HTTP ${status})`);
}

async function ask(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) });
  return { status: response.status, text: await response.text() };
}
