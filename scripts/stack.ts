import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../src/failure.ts";
import { demoAccount } from "../src/sandbox/demo-account.ts";
import { projectRoot } from "./project-root.mjs";
import { openRedisServer } from "./redis-server.ts";

export type StackOptions = {
  /** Where logs, the accounts file and, if it is ours, Redis' data are kept. */
  readonly dir: string;
  /** A Redis of somebody else's; without it one is started. */
  readonly redisUrl?: string | undefined;
  /** Whether a Redis of ours starts empty or goes on where it was. */
  readonly keepRedis: boolean;
  readonly serverPort: number;
  /** No sandbox without it. */
  readonly sandboxPort?: number | undefined;
  readonly env: NodeJS.ProcessEnv;
};

const READY_WITHIN_MS = 30_000;

/**
 * Everything in one process group: Redis, the sandbox, the server and a worker, each a real process with
 * its log in a file. `close` ends them in the opposite order.
 */
export async function openStack(options: StackOptions) {
  mkdirSync(options.dir, { recursive: true });
  const closes: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closes.splice(0).reverse()) await end();
  };
  const run = (name: string, script: string, env: NodeJS.ProcessEnv) => {
    const child = openChild(join(options.dir, `${name}.log`), script, env);
    closes.push(child.close);
    return child;
  };

  try {
    const redisUrl = options.redisUrl ?? (await openRedis(options, closes));
    const serverUrl = `http://127.0.0.1:${options.serverPort}`;
    const sandboxUrl = options.sandboxPort ? `http://127.0.0.1:${options.sandboxPort}` : undefined;
    const accounts = sandboxUrl ? writeAccounts(options.dir, sandboxUrl) : options.env.QUNFA_ACCOUNTS;
    const env = { ...options.env, REDIS_URL: redisUrl, QUNFA_ACCOUNTS: accounts };

    if (sandboxUrl) {
      const port = {
        QUNFA_SANDBOX_PORT: String(options.sandboxPort),
        QUNFA_SANDBOX_CALLBACK_BASE: serverUrl,
      };
      const sandbox = run("sandbox", "src/sandbox/main.js", { ...env, ...port });
      await untilReady(sandbox, `${sandboxUrl}/healthz`);
    }
    const server = run("server", "src/main.js", { ...env, PORT: String(options.serverPort) });
    await untilReady(server, `${serverUrl}/readyz`);
    const worker = run("worker", "workers/main.js", env);
    await untilReady(worker, `${serverUrl}/readyz`, (body) => body.workers > 0);
    return { redisUrl, serverUrl, sandboxUrl, ended: Promise.race([server.ended, worker.ended]), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openRedis(
  { dir, keepRedis }: StackOptions,
  closes: (() => Promise<unknown>)[],
): Promise<string> {
  const redis = await openRedisServer(keepRedis ? { dir: join(dir, "redis") } : {});
  closes.push(redis.close);
  return redis.url;
}

/** The sandbox's own account, for the server and the worker. */
function writeAccounts(dir: string, apiBase: string): string {
  const file = join(dir, "accounts.json");
  writeFileSync(file, JSON.stringify({ accounts: [{ ...demoAccount, apiBase }] }, undefined, 2));
  return file;
}

type Child = ReturnType<typeof openChild>;

function openChild(logFile: string, script: string, env: NodeJS.ProcessEnv) {
  const log = createWriteStream(logFile);
  const child = spawn(process.execPath, [join(projectRoot, "dist", script)], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let lastWords = "";
  child.stdout.pipe(log);
  child.stderr.on("data", (data: Buffer) => {
    lastWords = `${lastWords}${data}`.slice(-2_000);
    log.write(data);
  });
  const ended = once(child, "exit");
  return {
    ended,
    hasEnded: () => hasEnded(child),
    lastWords: () => lastWords.trim() || `it ended, see ${logFile}`,
    async close() {
      if (!hasEnded(child)) {
        child.kill("SIGTERM");
        await ended;
      }
      log.end();
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function untilReady(
  child: Child,
  url: string,
  enough = (_body: { workers: number }) => true,
): Promise<void> {
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await sleep(100)) {
    if (child.hasEnded()) throw new Failure("BAD_CONFIG", child.lastWords());
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok && enough((await answer.json()) as { workers: number })) return;
  }
  throw new Failure("BAD_CONFIG", `nothing answers at ${url}: ${child.lastWords()}`);
}
