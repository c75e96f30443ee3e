import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The oldest Redis that carries qunfa. */
export const oldestRedis = "6.2";

/**
 * How to start a server: the program, and the name that it must be called by. Debian's package
 * redis-tools holds the whole server under the name redis-check-rdb; the package redis-server adds a
 * link and a system service. So redis-tools is all that a machine needs which shall have no service.
 */
const candidates = [
  { file: "redis-server", argv0: "redis-server" },
  { file: "valkey-server", argv0: "valkey-server" },
  { file: "redis-check-rdb", argv0: "redis-server" },
];

/**
 * The first server on PATH that is new enough, or undefined.
 *
 * @param {string} [path]
 * @returns {{ file: string, argv0: string, version: string } | undefined}
 */
export function findRedisBinary(path = process.env.PATH ?? "") {
  for (const { file, argv0 } of candidates) {
    for (const folder of path.split(delimiter).filter(Boolean)) {
      const found = join(folder, file);
      const version = executable(found) ? versionOf(found, argv0) : undefined;
      if (version && atLeast(version, oldestRedis)) return { file: found, argv0, version };
    }
  }
  return undefined;
}

/** @param {string} file */
function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} file @param {string} argv0 */
function versionOf(file, argv0) {
  const { stdout } = spawnSync(file, ["--version"], { argv0, encoding: "utf8", timeout: 10_000 });
  return /\bv=(\d+\.\d+\.\d+)/.exec(stdout ?? "")?.[1];
}

/** @param {string} version @param {string} least */
export function atLeast(version, least) {
  return version.localeCompare(least, "en", { numeric: true }) >= 0;
}
