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
    const operands = [...keys, ...args];
    const answer = await redis.evalsha(digest, keys.length, ...operands).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return redis.eval(source, keys.length, ...operands);
    });
    return reply.parse(answer);
  };
}

/** A script's text, its `-- @include name` lines replaced by `lua/lib/name.lua`. */
export function readScript(name: string): string {
  const read = (path: string) => readFileSync(new URL(`./lua/${path}.lua`, import.meta.url), "utf8");
  return read(name).replace(/^-- @include (\S+)$/gm, (_line, library: string) => read(`lib/${library}`));
}
