import { join } from "node:path";
import { ownAccount, writeAccountsFile } from "../accounts-file.ts";
import { type Child, openChild } from "../child.ts";
import { findFreePort, openRedisServer } from "../redis-server.ts";

/** As short as the product takes them, but for retention: a campaign is looked at before it goes. */
const QUICK = {
  QUNFA_LOG_LEVEL: "warn",
  QUNFA_LOCK_MS: "5000",
  QUNFA_POLL_MS: "1000,2000",
  QUNFA_SEND_TIMEOUT_MS: "5000",
  QUNFA_RESEND_WAIT_MS: "300",
  QUNFA_RECONCILE_MS: "1000",
  QUNFA_RETENTION_MS: "5000",
  QUNFA_JOB_RETENTION_MS: "2000",
  QUNFA_SANDBOX_CALLBACK_DELAY_MS: "20-300",
  QUNFA_SANDBOX_LATENCY_MS: "1-10",
  QUNFA_SANDBOX_RETRY_GAP_MS: "100",
  QUNFA_SANDBOX_SEND_CALLS_PER_DAY: "1000000",
  QUNFA_SANDBOX_CALLS_PER_MINUTE: "1000000",
};

/** Quotas are out of the way. */
const UNLIMITED = { sendCallsPerDay: 1_000_000, callsPerMinute: 1_000_000 };

const WORKERS = 2;

/** Redis, sandbox, server and two workers as processes of their own, with so many accounts. */
export async function openSoakStack(dir: string, accounts: readonly string[]) {
  const closes: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closes.splice(0).reverse()) await end();
  };
  const run = (name: string, main: string, env: NodeJS.ProcessEnv): Child => {
    const child = openChild({ name, main, dir, env, probe: "scripts/soak/probe.js" });
    closes.push(child.close);
    return child;
  };
  try {
    const redis = await openRedisServer({ dir: join(dir, "redis") });
    closes.push(redis.close);
    const [serverPort, sandboxPort] = [await findFreePort(), await findFreePort()];
    const [url, sandboxUrl] = [`http://127.0.0.1:${serverPort}`, `http://127.0.0.1:${sandboxPort}`];
    const QUNFA_ACCOUNTS = writeAccountsFile(
      dir,
      accounts.map((id) => ownAccount(id, sandboxUrl, UNLIMITED)),
    );
    const env = { ...QUICK, PATH: process.env.PATH, REDIS_URL: redis.url, QUNFA_ACCOUNTS };

    const ports = { QUNFA_SANDBOX_PORT: `${sandboxPort}`, QUNFA_SANDBOX_CALLBACK_BASE: url };
    const sandbox = run("sandbox", "src/sandbox/main.js", { ...env, ...ports });
    await sandbox.ready(`${sandboxUrl}/healthz`);
    const server = run("server", "src/main.js", { ...env, PORT: `${serverPort}` });
    await server.ready(`${url}/readyz`);
    const workers = Array.from({ length: WORKERS }, (_, at) =>
      run(`worker-${at + 1}`, "workers/main.js", env),
    );
    await server.ready(`${url}/readyz`, (body) => body.workers === WORKERS);
    return { redisUrl: redis.url, url, sandboxUrl, watched: [server, ...workers], close };
  } catch (error) {
    await close();
    throw error;
  }
}

export type SoakStack = Awaited<ReturnType<typeof openSoakStack>>;
