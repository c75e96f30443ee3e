import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Cluster, Redis } from "ioredis";
import type { z } from "zod";

export type RedisClient = Redis | Cluster;
export type ScriptArgument = string | number | Buffer;

/**
 * Makes a Lua script of `lua/` callable: `(keys, args) → reply`, the reply parsed by its schema.
 * Redis keeps scripts by their digest; one that it has forgotten (restart, SCRIPT FLUSH) is sent whole.
 */
export function createScript<Reply extends z.ZodType>(redis: RedisClient, name: string, reply: Reply) {
  const source = readScript(name);
  const digest = createHash("sha1").update(source).digest("hex");

  return async (keys: readonly string[], args: readonly ScriptArgument[]): Promise<z.output<Reply>> => {
    const named = redis.isCluster ? [...keys, neverWritten(keys)] : keys;
    const operands = [...named, ...args];
    const answer = await redis.evalsha(digest, named.length, ...operands).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return redis.eval(source, named.length, ...operands);
    });
    return reply.parse(answer);
  };
}

/**
 * A key that does not exist, in the slot of these. While a slot moves, Redis runs a script whose keys are all
 * there, and stops it in the middle when it comes back to a key that it has just removed. A script that names
 * a missing key is refused whole (TRYAGAIN) until the slot has arrived.
 */
function neverWritten([key = ""]: readonly string[]): string {
  return `${key.slice(0, key.indexOf("}") + 1)}:never-written`;
}

/** A script's text, its `-- @include name` lines replaced by `lua/lib/name.lua`. */
export function readScript(name: string): string {
  const read = (path: string) => readFileSync(new URL(`./lua/${path}.lua`, import.meta.url), "utf8");
  return read(name).replace(/^-- @include (\S+)$/gm, (_line, library: string) => read(`lib/${library}`));
}
