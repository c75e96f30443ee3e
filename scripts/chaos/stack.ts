import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { failures } from "../../src/failure.ts";
import { ownAccount, writeAccountsFile } from "../accounts-file.ts";
import { findFreePort, openRedisServer } from "../redis-server.ts";
import { type Victim, WORKERS } from "./schedule.ts";
import { createService, type Service } from "./service.ts";

/** As short as runs need; the sandbox slow enough for a process to die in its calls. */
const QUICK = {
  QUNFA_LOCK_MS: "2000",
  QUNFA_POLL_MS: "1500,3000",
  QUNFA_SEND_TIMEOUT_MS: "3000",
  QUNFA_RESEND_WAIT_MS: "300",
  QUNFA_RECONCILE_MS: "1000",
  QUNFA_SANDBOX_CALLBACK_DELAY_MS: "100-2500",
  QUNFA_SANDBOX_CALLBACK_RETRY_MS: "2000",
  QUNFA_SANDBOX_LATENCY_MS: "20-600",
  QUNFA_SANDBOX_RETRY_GAP_MS: "100",
};

/** A sixth of the minute's calls is people's, and WeChat counts by the minute of its clock. */
const CALLS_PER_MINUTE = 240;
const KEY = "chaos-key-of-the-api-0123456789";
const AES_KEY = "chaosEncodingAESKey000000000000000000000000";

export type ChaosStack = Awaited<ReturnType<typeof openChaosStack>>;

export type StackOptions = {
  readonly dir: string;
  readonly accounts: readonly string[];
  readonly followers: number;
  readonly seed: number;
  readonly sendCallsPerDay: number;
};

/** Redis, sandbox, server and three workers as processes of their own, of which all but the sandbox can be killed. */
export async function openChaosStack({ dir, accounts, followers, seed, sendCallsPerDay }: StackOptions) {
  mkdirSync(dir, { recursive: true });
  const redisDir = join(dir, "redis");
  let redis = await openRedisServer({ dir: redisDir });
  let redisKills = 0;
  const services = new Map<string, Service>();
  const falls: { name: string; code: number | null; signal: NodeJS.Signals | null }[] = [];
  const close = async () => {
    for (const service of [...services.values()].reverse()) await service.close();
    await redis.close();
  };

  const [serverPort, sandboxPort] = [await findFreePort(), await findFreePort()];
  const [url, sandboxUrl] = [`http://127.0.0.1:${serverPort}`, `http://127.0.0.1:${sandboxPort}`];
  const limits = { sendCallsPerDay, callsPerMinute: CALLS_PER_MINUTE };
  const own = accounts.map((id, at) => ({
    ...ownAccount(id, sandboxUrl, limits),
    ...(at % 2 === 1 && { encodingAESKey: AES_KEY }),
  }));
  const env = {
    ...QUICK,
    PATH: process.env.PATH,
    REDIS_URL: redis.url,
    QUNFA_ACCOUNTS: writeAccountsFile(dir, own),
    QUNFA_API_KEYS: `chaos:${KEY}`,
    QUNFA_SANDBOX_PORT: `${sandboxPort}`,
    QUNFA_SANDBOX_CALLBACK_BASE: url,
    QUNFA_SANDBOX_FOLLOWERS: `${followers}`,
    QUNFA_SANDBOX_SEND_CALLS_PER_DAY: `${sendCallsPerDay}`,
    QUNFA_SANDBOX_CALLS_PER_MINUTE: `${CALLS_PER_MINUTE}`,
    QUNFA_SANDBOX_SEED: `${seed}`,
  };
  const run = (name: string, main: string, more: NodeJS.ProcessEnv = {}) => {
    const options = { name, main, dir, env: { ...env, ...more } };
    const service = createService(options, (how) => falls.push({ name, ...how }));
    services.set(name, service);
    return service.start();
  };

  try {
    await run("sandbox", "src/sandbox/main.js").ready(`${sandboxUrl}/healthz`);
    const server = run("server", "src/main.js", { PORT: `${serverPort}` });
    await server.ready(`${url}/readyz`);
    for (const name of WORKERS) run(name, "workers/main.js");
    await server.ready(`${url}/readyz`, (body) => body.workers === WORKERS.length);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    url,
    sandboxUrl,
    redisUrl: redis.url,
    key: KEY,
    /** What must stand in no log. */
    secrets: [KEY, AES_KEY, ...own.flatMap(({ secret, token }) => [secret, token])],
    logFiles: [...services.keys()].map((name) => ({ name, file: join(dir, `${name}.log`) })),
    kill: async (victim: Victim) => services.get(victim)?.kill(),
    start: (victim: Victim) => services.get(victim)?.start(),
    /** SIGKILL, and another one that goes on with the same data on the same port. */
    async killRedis(untilStart: () => Promise<unknown>): Promise<void> {
      redisKills += 1;
      await redis.kill();
      await untilStart();
      redis = await openRedisServer({ dir: redisDir, port: redis.port });
    },
    /** Processes that ended by themselves; one that starts while Redis is away says so and ends. */
    falls: () => falls.filter(({ code }) => !(redisKills > 0 && code === failures.REDIS_AWAY.exit)),
    fallsWithoutRedis: () => falls.filter(({ code }) => code === failures.REDIS_AWAY.exit).length,
    close,
  };
}
