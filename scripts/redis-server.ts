import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../src/failure.ts";
import { projectRoot } from "./project-root.mjs";
import { findRedisBinary, oldestRedis } from "./redis-binary.mjs";
import { findServerIn, stopLeftovers, writeOwner } from "./redis-leftovers.ts";
import { answeringPid } from "./redis-wire.ts";

export type RedisServer = Awaited<ReturnType<typeof openRedisServer>>;

export type RedisServerOptions = {
  /** Where it keeps its data; left in place by close(). Without it: a new folder in .data/, removed by close(). */
  dir?: string;
  /** A fixed port, for a server that comes back where it was. Without it: a free one. */
  port?: number;
  /** Further arguments of redis-server, e.g. `["--maxmemory-policy", "allkeys-lru"]`. */
  args?: readonly string[];
};

const startTimeoutMs = 20_000;
const stopTimeoutMs = 10_000;

/**
 * A real Redis of our own on loopback, append-only and never evicting, and gone when this process ends.
 * It stands in a process group of its own: Ctrl-C reaches us alone, and we stop it last. What an owner
 * that was killed has left running is stopped at the next start.
 */
export async function openRedisServer({ dir, port, args = [] }: RedisServerOptions = {}) {
  const binary = findRedisBinary();
  if (!binary)
    throw new Failure("BAD_REDIS", `no redis-server ${oldestRedis} or newer on PATH: npm run setup`);
  const dataRoot = join(projectRoot, ".data");
  mkdirSync(dir ?? dataRoot, { recursive: true });
  await stopLeftovers(dataRoot);
  if (dir && (await findServerIn(dir)))
    throw new Failure("BAD_REDIS", `a Redis that runs already keeps its data in ${dir}`);
  const folder = dir ?? mkdtempSync(join(dataRoot, "redis-"));

  const removeOwnFolder = () => {
    if (!dir) rmSync(folder, { recursive: true, force: true });
  };
  const { child, ...started } = await start(binary, folder, port, args).catch((error) => {
    removeOwnFolder();
    throw error;
  });
  const stopAtExit = () => child.kill("SIGTERM");
  process.once("exit", stopAtExit);

  /** Ends the process and waits until it is gone. */
  const end = async (signal: NodeJS.Signals) => {
    process.off("exit", stopAtExit);
    if (hasEnded(child)) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await once(child, "exit");
    clearTimeout(timer);
  };

  return {
    url: `redis://127.0.0.1:${started.port}`,
    port: started.port,
    pid: started.pid,
    dir: folder,
    /** Stops it; a folder that was made for it goes too. */
    close: async () => {
      await end("SIGTERM");
      removeOwnFolder();
    },
    /** The power cut: SIGKILL. The data stays, for another server with the same dir. */
    kill: () => end("SIGKILL"),
  };
}

type Binary = NonNullable<ReturnType<typeof findRedisBinary>>;

/** Tries again with another port when somebody else was quicker to take the free one. */
async function start(binary: Binary, dir: string, fixedPort: number | undefined, args: readonly string[]) {
  for (let attempt = 1; ; attempt += 1) {
    const port = fixedPort ?? (await findFreePort());
    const child = spawn(binary.file, [...settings(port, dir), ...args], {
      argv0: binary.argv0,
      detached: true,
      stdio: "ignore",
    });
    child.on("error", () => {}); // a start that failed: it has no pid
    const { pid } = child;
    if (pid !== undefined) {
      writeOwner(dir, port, pid);
      if (await answers(child, port)) return { child, port, pid };
    }
    child.kill("SIGKILL");
    const log = lastLines(join(dir, "redis.log"));
    if (attempt < 5 && fixedPort === undefined && log.includes("Address already in use")) continue;
    throw new Failure("BAD_REDIS", `${binary.file} did not start: ${log}`);
  }
}

function settings(port: number, dir: string) {
  return [
    ...["--bind", "127.0.0.1", "--port", String(port), "--dir", dir, "--logfile", "redis.log"],
    ...["--daemonize", "no", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"],
    ...["--maxmemory-policy", "noeviction"],
  ];
}

/** The process id is compared: on a port that was taken under our feet another Redis may answer. */
async function answers(child: ChildProcess, port: number): Promise<boolean> {
  for (const deadline = Date.now() + startTimeoutMs; Date.now() < deadline; await sleep(20)) {
    if (hasEnded(child)) return false;
    if ((await answeringPid(port)) === child.pid) return true;
  }
  return false;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A loopback port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, "utf8").trim().split("\n").slice(-3).join(" | ");
  } catch {
    return "it wrote no log";
  }
}
