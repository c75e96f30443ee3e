import { readFileSync } from "node:fs";
import { z } from "zod";
import { Failure } from "../failure.ts";
import { logLevels } from "../log.ts";
import { Settings } from "./settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

const asText = (text: string): unknown => text;
const asNumber = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text);
const asFlag = (text: string): unknown => ({ true: true, 1: true, false: false, 0: false })[text] ?? text;
/** `300-1500`, or one number for both ends. */
const asRange = (text: string): unknown => {
  const [from = "", to = from] = text.split("-");
  return [asNumber(from), asNumber(to)];
};

/** Which variable sets what. `docs/sandbox.md` explains each. */
const variables: readonly (readonly [keyof Settings, string, (text: string) => unknown])[] = [
  ["host", "HOST", asText],
  ["callbackBase", "QUNFA_SANDBOX_CALLBACK_BASE", asText],
  ["callbackMode", "QUNFA_SANDBOX_CALLBACK_MODE", asText],
  ["callbackDelayMs", "QUNFA_SANDBOX_CALLBACK_DELAY_MS", asRange],
  ["callbackTimeoutMs", "QUNFA_SANDBOX_CALLBACK_TIMEOUT_MS", asNumber],
  ["callbackRetryMs", "QUNFA_SANDBOX_CALLBACK_RETRY_MS", asNumber],
  ["latencyMs", "QUNFA_SANDBOX_LATENCY_MS", asRange],
  ["followers", "QUNFA_SANDBOX_FOLLOWERS", asNumber],
  ["retryGapMs", "QUNFA_SANDBOX_RETRY_GAP_MS", asNumber],
  ["sendCallsPerDay", "QUNFA_SANDBOX_SEND_CALLS_PER_DAY", asNumber],
  ["callsPerMinute", "QUNFA_SANDBOX_CALLS_PER_MINUTE", asNumber],
  ["perUserPerMonth", "QUNFA_SANDBOX_PER_USER_PER_MONTH", asNumber],
  ["mediaMustExist", "QUNFA_SANDBOX_MEDIA_MUST_EXIST", asFlag],
  ["contentLimits", "QUNFA_SANDBOX_CONTENT_LIMITS", asText],
  ["massProtection", "QUNFA_SANDBOX_MASS_PROTECTION", asText],
  ["msgIds", "QUNFA_SANDBOX_MSG_IDS", asText],
  ["seed", "QUNFA_SANDBOX_SEED", asNumber],
];

/** Every variable that a sandbox reads, but for those that an accounts file names. */
export const variableNames: readonly string[] = [
  ...variables.map(([, variable]) => variable),
  "QUNFA_SANDBOX_PORT",
  "PORT",
  "QUNFA_ACCOUNTS",
  "QUNFA_LOG_LEVEL",
];

const AccountsFile = z.looseObject({ accounts: z.array(z.looseObject({ secret: z.string() })) });
const Level = z.enum(logLevels).default("info");

/**
 * The settings of a sandbox process. Throws `BAD_CONFIG` with one message that names every wrong variable;
 * an empty variable counts as one that is not set.
 */
export function loadConfig(env: Env) {
  const problems: string[] = [];
  const port = env.QUNFA_SANDBOX_PORT ? "QUNFA_SANDBOX_PORT" : "PORT";
  const raw: Record<string, unknown> = { accounts: readAccounts(env, problems) };
  const names = new Map<PropertyKey | undefined, string>([["accounts", "QUNFA_ACCOUNTS"]]);
  for (const [setting, variable, read] of [...variables, ["port", port, asNumber] as const]) {
    names.set(setting, variable);
    const text = env[variable];
    if (text) raw[setting] = read(text);
  }

  const settings = Settings.safeParse(raw);
  for (const { path, message } of settings.error?.issues ?? []) {
    const [setting, ...within] = path;
    problems.push(`${names.get(setting)}: ${[...within, message].join(": ")}`);
  }
  const level = Level.safeParse(env.QUNFA_LOG_LEVEL || undefined);
  if (!level.success) problems.push(`QUNFA_LOG_LEVEL: expected one of ${logLevels.join(", ")}`);

  if (!settings.success || !level.success || problems.length > 0) {
    const list = problems.map((problem) => `  ${problem}`).join("\n");
    throw new Failure("BAD_CONFIG", `The sandbox can't start with these variables:\n${list}`);
  }
  return { settings: settings.data, logLevel: level.data };
}

/** The accounts of the file that `QUNFA_ACCOUNTS` names, secrets of the form `env:NAME` put in. */
function readAccounts(env: Env, problems: string[]): unknown {
  const path = env.QUNFA_ACCOUNTS;
  if (!path) return undefined;
  let file: unknown;
  try {
    file = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    problems.push(`QUNFA_ACCOUNTS: can't read ${path}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
  const { data } = AccountsFile.safeParse(file);
  if (data === undefined) {
    problems.push(`QUNFA_ACCOUNTS: ${path} has no list "accounts" of objects with a secret`);
    return undefined;
  }
  return data.accounts.map(({ secret, ...rest }) => {
    if (!secret.startsWith("env:")) return { ...rest, secret };
    const name = secret.slice(4);
    if (!env[name]) problems.push(`${name}: not set, but ${path} takes a secret from it`);
    return { ...rest, secret: env[name] || "missing" };
  });
}
