import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, failures } from "../src/failure.ts";
import { demoAccount } from "../src/sandbox/demo-account.ts";
import { writeAccountsFile } from "./accounts-file.ts";
import { isAlive } from "./alive.mjs";
import { projectRoot } from "./project-root.mjs";
import { openRedisServer } from "./redis-server.ts";

export type StackOptions = {
  /** Where logs and the accounts file are kept. */
  readonly dir: string;
  /** A Redis of somebody else's, or the folder of one that is ours; it goes on with what lies there. */
  readonly redis: { readonly url: string } | { readonly dir: string };
  readonly serverPort: number;
  /** No sandbox without it. */
  readonly sandboxPort?: number | undefined;
  readonly env: NodeJS.ProcessEnv;
};

export type Stack = Awaited<ReturnType<typeof openStack>>;

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 30_000;
const REDIS_LOOK_MS = 250;

/**
 * Redis, the sandbox, the server and a worker, each a real process with its log in a file. `close` ends
 * them in the opposite order. `ended` rejects as soon as one of them has ended, and names it.
 */
export async function openStack(options: StackOptions) {
  mkdirSync(options.dir, { recursive: true });
  const closes: (() => Promise<unknown>)[] = [];
  const ends: Promise<never>[] = [];
  const close = async () => {
    for (const end of closes.splice(0).reverse()) await end();
  };
  const run = (name: string, script: string, env: NodeJS.ProcessEnv) => {
    const child = openChild(name, join(options.dir, `${name}.log`), script, env);
    closes.push(child.close);
    ends.push(child.ended);
    return child;
  };
  const runRedis = async (dir: string) => {
    const redis = await openRedis(dir);
    closes.push(redis.close);
    ends.push(redis.ended);
    return redis.url;
  };

  try {
    await requireFree("PORT", options.serverPort);
    if (options.sandboxPort) await requireFree("QUNFA_SANDBOX_PORT", options.sandboxPort);
    const redisUrl = "url" in options.redis ? options.redis.url : await runRedis(options.redis.dir);
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
    return { redisUrl, serverUrl, sandboxUrl, ended: handled(Promise.race(ends)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Somebody else there would answer in place of ours. */
async function requireFree(name: string, port: number): Promise<void> {
  const probe = createServer().listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch {
    throw new Failure("BAD_CONFIG", `${name}: another process listens on port ${port} already`);
  }
  probe.close();
  await once(probe, "close");
}

/** Its server object does not tell of its end, so its process is looked at. */
async function openRedis(dir: string) {
  const { url, pid, close } = await openRedisServer({ dir });
  const gone = new Promise<never>((_, reject) => {
    const timer = setInterval(() => {
      if (isAlive(pid)) return;
      clearInterval(timer);
      reject(new Failure("REDIS_AWAY", `Redis has ended; its log: ${join(dir, "redis.log")}`));
    }, REDIS_LOOK_MS).unref();
  });
  return { url, close, ended: handled(gone) };
}

/** The sandbox's own account, for the server and the worker. */
function writeAccounts(dir: string, url: string): string {
  return writeAccountsFile(dir, [{ ...demoAccount, apiBase: url, mpBase: url }]);
}

type Child = ReturnType<typeof openChild>;

function openChild(name: string, logFile: string, script: string, env: NodeJS.ProcessEnv) {
  const log = createWriteStream(logFile);
  const child = spawn(process.execPath, [join(projectRoot, "dist", script)], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let lastWords = "";
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.stderr.on("data", (data: Buffer) => {
    lastWords = `${lastWords}${data}`.slice(-2_000);
  });
  const stopAtExit = () => child.kill("SIGTERM");
  process.once("exit", stopAtExit);

  const closed = once(child, "close").finally(() => {
    process.off("exit", stopAtExit);
    log.end();
  });
  const ended = closed.then(([code, signal]): never => {
    const known = code === failures.BAD_CONFIG.exit ? "BAD_CONFIG" : "INTERNAL";
    const how = signal ? `by ${signal}` : `with exit code ${code}`;
    throw new Failure(known, `The ${name} has ended ${how}; its log: ${logFile}\n${lastWords}`.trim());
  });
  return {
    /** Rejects when the process has ended, whoever ended it. */
    ended: handled(ended),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    logFile,
    async close() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      await ended.catch(() => {});
      clearTimeout(timer);
    },
  };
}

/** Nobody may be waiting for it when it rejects. */
function handled(promise: Promise<never>): Promise<never> {
  promise.catch(() => {});
  return promise;
}

async function untilReady(
  child: Child,
  url: string,
  enough = (_body: { workers: number }) => true,
): Promise<void> {
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await sleep(100)) {
    if (child.hasEnded()) await child.ended;
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok && enough((await answer.json()) as { workers: number })) return;
  }
  throw new Failure("BAD_CONFIG", `nothing answers at ${url}; log: ${child.logFile}`);
}
