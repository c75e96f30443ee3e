import { findMasters, mastersOf } from "./cluster.ts";
import type { RedisClient } from "./script.ts";

/** What qunfa needs to know of the server that it stores plans on; of a cluster what holds for every master. */
export type RedisServer = {
  /** The oldest of them. */
  readonly version: string;
  /** `noeviction`, or keys would be lost. */
  readonly policy: string;
  readonly appendOnly: boolean;
  readonly ofCluster: boolean;
};

export async function readServer(redis: RedisClient): Promise<RedisServer> {
  const servers = await Promise.all(mastersOf(redis).map(async (node) => infoFields(await node.info())));
  const of = (name: string) => servers.map((info) => info.get(name) ?? "unknown");
  const byVersion = (one: string, other: string) => one.localeCompare(other, "en", { numeric: true });
  return {
    version: of("redis_version").sort(byVersion)[0] ?? "0",
    policy: of("maxmemory_policy").find((policy) => policy !== "noeviction") ?? "noeviction",
    appendOnly: of("aof_enabled").every((enabled) => enabled === "1"),
    ofCluster: of("redis_mode").includes("cluster"),
  };
}

/**
 * How long this server has run, of a cluster the youngest master: who restores a backup starts it anew. In whole
 * seconds, by its own clock; 0 for one that does not say.
 */
export async function readUptimeMs(redis: RedisClient): Promise<number> {
  const masters = await findMasters(redis);
  const servers = await Promise.all(masters.map((node) => node.info("server")));
  const uptimes = servers.map((info) => Number(infoFields(info).get("uptime_in_seconds") ?? 0));
  return uptimes.length === 0 ? 0 : Math.min(...uptimes) * 1_000;
}

/** Older than 6.2. */
export function isTooOld({ version }: Pick<RedisServer, "version">): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 6 || (major === 6 && minor < 2);
}

/** The fields of an INFO reply. */
export function infoFields(info: string): Map<string, string> {
  const lines = info.split(/\r?\n/).filter((line) => line.includes(":"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
}
