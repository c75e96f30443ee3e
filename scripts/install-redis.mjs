import { spawnSync } from "node:child_process";
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
  if (process.platform === "darwin" && runs("brew", ["--version"])) {
    say("Homebrew: redis");
    need("brew", ["install", "--quiet", "redis"]);
  } else if (process.platform === "linux" && runs("apt-get", ["--version"])) {
    const [command, ...prefix] = asRoot();
    say("apt: redis-tools");
    const install = [...prefix, "install", "-qq", "-y", "--no-install-recommends", "redis-tools"];
    // The package lists of a fresh machine are empty, those of an old one name files that are gone.
    if (!runs(command, install)) {
      need(command, [...prefix, "update", "-qq"]);
      need(command, install);
    }
  }
  if (!findRedisBinary()) throw new Error(help);
}

/**
 * apt-get as root, or through sudo when that asks for no password; it waits for another apt to finish.
 *
 * @returns {[string, ...string[]]}
 */
function asRoot() {
  const apt = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"];
  if (process.getuid?.() === 0) return ["env", ...apt];
  if (runs("sudo", ["-n", "true"])) return ["sudo", "-n", "env", ...apt];
  throw new Error(help);
}

/** @param {string} what */
function say(what) {
  console.log(`Installing a local Redis server (${what}) …`);
}

/** @param {string} command @param {string[]} args */
function runs(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** @param {string} command @param {string[]} args */
function need(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  const words = error?.message ?? `${stdout}${stderr}`.trim();
  throw new Error(`${[command, ...args].join(" ")} failed:\n${words}\n\n${help}`);
}
