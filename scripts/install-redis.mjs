import { hasApt, installWithApt, need, runs } from "./apt.mjs";
import { findRedisBinary, oldestRedis } from "./redis-binary.mjs";

const help = `qunfa needs a Redis server (${oldestRedis} or newer, Valkey too) and can't install one here. One of these helps:
  - install redis-server or valkey-server, so that it is on PATH, and run this again;
  - start everything in containers: cp .env.example .env, fill it in, docker compose up;
  - with a Redis of your own, npm start takes it from REDIS_URL (tests and demo use one of their own).`;

/**
 * Installs a Redis server with the system's package manager; no system service comes with it.
 * Throws with a message for a person when that can't be done.
 */
export function installRedis() {
  try {
    if (process.platform === "darwin" && runs("brew", ["--version"])) {
      say("Homebrew: redis");
      need("brew", ["install", "--quiet", "redis"]);
    } else if (hasApt()) {
      say("apt: redis-tools");
      installWithApt("redis-tools");
    }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n\n${help}`);
  }
  if (!findRedisBinary()) throw new Error(help);
}

/** @param {string} what */
function say(what) {
  console.log(`Installing a local Redis server (${what}) …`);
}
