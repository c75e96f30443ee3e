import { z } from "zod";
import { type Env, readAccountsFile } from "./accounts-file.ts";
import { Failure } from "./failure.ts";
import { logLevels } from "./log.ts";
import * as setting from "./setting.ts";

const { milliseconds } = setting;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Every variable of server and worker (CONTRACT section 2), with its default. */
export const Environment = z.object({
  REDIS_URL: setting.redisUrls,
  PORT: setting.port.default(3000),
  HOST: setting.host.default("127.0.0.1"),
  QUNFA_ACCOUNTS: z.string({
    error:
      "is not set; expected the path of the accounts file (npm start and npm run demo write one of their own)",
  }),
  QUNFA_API_KEYS: setting.apiKeys.default([]),
  QUNFA_DASHBOARD_PASSWORD: setting.text.optional(),
  QUNFA_CONCURRENCY: setting.whole(1, 1000).default(20),
  QUNFA_POLL_MS: setting.millisecondsList.default([1, 2, 5, 10, 30].map((minutes) => minutes * minuteMs)),
  QUNFA_GIVE_UP_MS: milliseconds().default(48 * hourMs),
  QUNFA_SEND_TIMEOUT_MS: milliseconds().default(20_000),
  QUNFA_RESEND_WAIT_MS: milliseconds().default(minuteMs),
  // WeChat remembers a clientmsgid for 24 h, and a repeat after that is a second message: an hour is kept free.
  QUNFA_RESEND_WINDOW_MS: milliseconds({ most: 23 * hourMs }).default(23 * hourMs),
  QUNFA_LOCK_MS: milliseconds({ least: 1000 }).default(30_000),
  QUNFA_RETENTION_MS: milliseconds().default(30 * dayMs),
  QUNFA_JOB_RETENTION_MS: milliseconds().default(7 * dayMs),
  QUNFA_ALLOW_PRIVATE_URLS: setting.hosts.default([]),
  QUNFA_WEBHOOK_SECRET: setting.webhookSecrets.default([]),
  QUNFA_METRICS_PORT: setting.port.optional(),
  QUNFA_BASE_PATH: setting.basePath.default(""),
  QUNFA_TRUSTED_PROXIES: setting.networks.default([]),
  QUNFA_RECONCILE_MS: milliseconds().default(30_000),
  QUNFA_LOG_LEVEL: z.enum(logLevels, { error: `expected one of ${logLevels.join(", ")}` }).default("info"),
  HTTPS_PROXY: setting.proxy.optional(),
  NO_PROXY: setting.noProxy.default([]),
});

export type Role = "server" | "worker" | "cli";

export type Config = ReturnType<typeof loadConfig>;

/**
 * Reads the environment once, for a main. A variable set to nothing counts as not set.
 *
 * @throws Failure BAD_CONFIG, whose message has one line for every wrong variable and every wrong field
 *   of the accounts file.
 */
export function loadConfig(env: Env, role: Role) {
  const given = readGiven(env);
  const parsed = Environment.safeParse(given);
  const file = given.QUNFA_ACCOUNTS;
  const read = file === undefined ? { accounts: [], problems: [] } : readAccountsFile(file, env);
  const problems = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`),
    ...read.problems.map((problem) => `QUNFA_ACCOUNTS: ${problem}`),
    ...(role === "server" && isOpenToAll(given) ? [openToAll] : []),
  ];
  if (problems.length > 0 || !parsed.success) {
    const lines = problems.map((problem) => `  ${problem}`).join("\n");
    throw new Failure("BAD_CONFIG", `the configuration has wrong values\n${lines}`, {
      details: { problems },
    });
  }

  const value = parsed.data;
  return freeze({
    redisUrls: value.REDIS_URL,
    host: value.HOST,
    port: value.PORT,
    basePath: value.QUNFA_BASE_PATH,
    trustedProxies: value.QUNFA_TRUSTED_PROXIES,
    apiKeys: value.QUNFA_API_KEYS,
    dashboardPassword: value.QUNFA_DASHBOARD_PASSWORD,
    metricsPort: value.QUNFA_METRICS_PORT,
    accounts: read.accounts,
    concurrency: value.QUNFA_CONCURRENCY,
    /** Waits between the polls of one batch; the last repeats. */
    pollMs: value.QUNFA_POLL_MS,
    giveUpMs: value.QUNFA_GIVE_UP_MS,
    sendTimeoutMs: value.QUNFA_SEND_TIMEOUT_MS,
    resendWaitMs: value.QUNFA_RESEND_WAIT_MS,
    resendWindowMs: value.QUNFA_RESEND_WINDOW_MS,
    lockMs: value.QUNFA_LOCK_MS,
    reconcileMs: value.QUNFA_RECONCILE_MS,
    retentionMs: value.QUNFA_RETENTION_MS,
    jobRetentionMs: value.QUNFA_JOB_RETENTION_MS,
    allowPrivateUrls: value.QUNFA_ALLOW_PRIVATE_URLS,
    /** Each of them signs; empty where nothing can be signed. */
    webhookSecrets: value.QUNFA_WEBHOOK_SECRET,
    httpsProxy: value.HTTPS_PROXY,
    noProxy: value.NO_PROXY,
    logLevel: value.QUNFA_LOG_LEVEL,
  });
}

/** Where Redis is, whatever else is wrong; undefined when that is. */
export function findRedisUrls(env: Env): readonly string[] | undefined {
  return Environment.shape.REDIS_URL.safeParse(readGiven(env).REDIS_URL).data;
}

/** The variables that are ours and hold something. The two of the proxy are often written small. */
function readGiven(env: Env): Record<string, string> {
  const small: Record<string, string> = { HTTPS_PROXY: "https_proxy", NO_PROXY: "no_proxy" };
  const names = Object.keys(Environment.shape);
  const pairs = names.map((name) => [name, (env[name] || env[small[name] ?? name])?.trim()]);
  return Object.fromEntries(pairs.filter(([, value]) => value));
}

const openToAll = "QUNFA_API_KEYS: is not set, and HOST is no loopback address; expected name:key[:scopes]";

function isOpenToAll(given: Record<string, string>): boolean {
  return !given.QUNFA_API_KEYS && !setting.isLoopback(given.HOST ?? "127.0.0.1");
}

function freeze<T>(value: T): Readonly<T> {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
