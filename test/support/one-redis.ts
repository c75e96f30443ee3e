import type { TestProject } from "vitest/node";
import { openRedisServer } from "../../scripts/redis-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The real Redis that this run has started: `inject("redisUrl")`. Every test takes a prefix of its own. */
    redisUrl: string;
  }
}

/** One Redis for the whole run, started before the first test and stopped after the last. */
export async function setup(project: TestProject) {
  const redis = await openRedisServer();
  project.provide("redisUrl", redis.url);
  return redis.close;
}
