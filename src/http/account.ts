import type { Context } from "hono";
import type { Account } from "../campaign/account.ts";
import { Failure } from "../failure.ts";

/** The accounts of the accounts file, by id, as far as this door looks at them. */
export type Accounts = ReadonlyMap<string, Pick<Account, "id" | "limits">>;

/**
 * The account that the path names.
 *
 * @throws Failure NOT_FOUND
 */
export function accountIn(c: Context, accounts: Accounts): Pick<Account, "id" | "limits"> {
  const account = accounts.get(c.req.param("account") ?? "");
  if (!account) throw new Failure("NOT_FOUND", "There is no such account.");
  return account;
}
