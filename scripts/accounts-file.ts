import { writeFileSync } from "node:fs";
import { join } from "node:path";

export type OwnAccount = ReturnType<typeof ownAccount>;

/** An account for a sandbox of our own; its secrets can be told from any other text. */
export function ownAccount(id: string, apiBase: string, limits: Readonly<Record<string, number>>) {
  const [appid, secret, token] = [`wx${id}0000`, `secret-of-${id}`, `callback-token-of-${id}`];
  return { id, appid, secret, kind: "service", token, apiBase, mpBase: apiBase, limits };
}

/** Writes what `QUNFA_ACCOUNTS` is to name; answers its path. */
export function writeAccountsFile(dir: string, accounts: readonly object[]): string {
  const file = join(dir, "accounts.json");
  writeFileSync(file, JSON.stringify({ accounts }, undefined, 2));
  return file;
}
