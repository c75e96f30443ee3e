import { readFileSync } from "node:fs";
import type { z } from "zod";
import { type Account, AccountsFile } from "./campaign/account.ts";
import { plainly } from "./campaign/plain-issue.ts";

/** The environment as it came: `process.env`, or a test's own. */
export type Env = Readonly<Record<string, string | undefined>>;

export type AccountsRead = { accounts: readonly Account[]; problems: readonly string[] };

const secrets = ["secret", "token", "encodingAESKey", "previousToken", "previousEncodingAESKey"];

/**
 * Reads the accounts file. A secret may be written `"env:NAME"` and is then taken from the environment.
 * Everything that is wrong is a problem of one line; with any problem there are no accounts.
 */
export function readAccountsFile(path: string, env: Env): AccountsRead {
  const raw = readJson(path);
  if ("problem" in raw) return failed([raw.problem]);
  const unset: string[] = [];
  const parsed = AccountsFile.safeParse(withSecrets(raw.value, env, unset), { error: plainly });
  const wrong = parsed.success ? [] : parsed.error.issues.flatMap(describeIssue);
  // A secret that is not set is told once, by its name, and not again as a field that doesn't fit.
  const told = unset.map((line) => line.slice(0, line.indexOf(":")));
  const problems = [...unset, ...wrong.filter((line) => !told.some((place) => line.startsWith(`${place}:`)))];
  return parsed.success && problems.length === 0
    ? { accounts: parsed.data.accounts, problems }
    : failed(problems);

  function failed(lines: readonly string[]): AccountsRead {
    return { accounts: [], problems: lines.map((line) => `${path}: ${line}`) };
  }
}

function readJson(path: string): { value: unknown } | { problem: string } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { problem: missing ? "there is no such file" : "the file can't be read" };
  }
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, "")) };
  } catch {
    // The parser's own message would quote the file, and with it perhaps a secret.
    return { problem: "is not JSON" };
  }
}

/** Puts the environment's values in place of `env:NAME`; what is not set goes to `unset`. */
function withSecrets(file: unknown, env: Env, unset: string[]): unknown {
  if (!isRecord(file) || !Array.isArray(file.accounts)) return file;
  const accounts = file.accounts.map((account: unknown, index) => {
    if (!isRecord(account)) return account;
    const resolved = { ...account };
    for (const field of secrets) {
      const value = account[field];
      if (typeof value !== "string" || !value.startsWith("env:")) continue;
      const name = value.slice("env:".length);
      resolved[field] = env[name] ?? "";
      if (!env[name]) unset.push(`accounts[${index}].${field}: the variable ${name} is not set`);
    }
    return resolved;
  });
  return { ...file, accounts };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One line for each unknown field. */
function describeIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => lineOf([...issue.path, key], "there is no such field"));
  return [lineOf(issue.path, issue.message)];
}

function lineOf(path: readonly PropertyKey[], message: string): string {
  const place = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return place === "" ? message : `${place.replace(/^\./, "")}: ${message}`;
}
