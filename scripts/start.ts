import { join } from "node:path";
import { Failure } from "../src/failure.ts";
import { projectRoot } from "./project-root.mjs";
import { runScript } from "./script-life.ts";
import { openStack } from "./stack.ts";

const PORT = 3000;
const SANDBOX_PORT = 3100;

/**
 * Everything for trying out, in the foreground until Ctrl-C or until one of its processes ends. Redis goes on where it
 * was stopped; with an accounts file there is no sandbox, with REDIS_URL no Redis of ours. Those of other ports have
 * folders of their own, so that several may run beside each other.
 */
await runScript(async (life) => {
  const { env } = process;
  const serverPort = portIn("PORT", PORT);
  const sandboxPort = env.QUNFA_ACCOUNTS ? undefined : portIn("QUNFA_SANDBOX_PORT", SANDBOX_PORT);
  const folder = serverPort === PORT ? ".data/start" : `.data/start-${serverPort}`;
  const dir = join(projectRoot, folder);
  const opening = openStack({
    dir,
    redis: env.REDIS_URL ? { url: env.REDIS_URL } : { dir: join(dir, "redis") },
    ...{ serverPort, sandboxPort },
    env,
  });
  const stack = await life.owns(opening);
  const accounts = env.QUNFA_ACCOUNTS || join(dir, "accounts.json");
  const found = [
    `REDIS_URL=${env.REDIS_URL ? '"$REDIS_URL"' : stack.redisUrl}`,
    `QUNFA_ACCOUNTS='${accounts}'`,
    `QUNFA_URL=${stack.serverUrl}`,
    ...(serverPort === PORT ? [] : [`PORT=${serverPort}`]),
    ...(sandboxPort === undefined || sandboxPort === SANDBOX_PORT
      ? []
      : [`QUNFA_SANDBOX_PORT=${sandboxPort}`]),
  ];
  const lines = [
    `campaigns        ${stack.serverUrl}/`,
    `queue dashboard  ${stack.serverUrl}/queues`,
    `API              ${stack.serverUrl}/docs`,
    ...(stack.sandboxUrl ? [`WeChat sandbox   ${stack.sandboxUrl}/sandbox/books (account: demo)`] : []),
    `Redis            ${withoutLogin(stack.redisUrl)}`,
    `accounts file    ${accounts}`,
    `logs             ${folder}/*.log`,
    "",
    "For the command and the examples:",
    `export ${found.join(" ")}`,
    "",
    "Ctrl-C stops all.",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  await stack.ended;
});

function portIn(name: string, fallback: number): number {
  const text = process.env[name];
  if (!text) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Failure("BAD_CONFIG", `${name}: expected a port from 1 to 65535`);
  return port;
}

/** User and password are nobody's business who looks at the screen. */
function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/,]*@/g, "//");
}
