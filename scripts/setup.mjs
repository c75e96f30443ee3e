#!/usr/bin/env node
/**
 * Makes a machine that has only Node and npm ready: npm packages and a local Redis server. Quiet when
 * nothing is to be done, and then it writes nothing. `setup.mjs start` is content with REDIS_URL in
 * place of a local server; `setup.mjs test` brings what tests would like to have.
 */
import "./node-version.mjs";
import { findBrowser, installBrowser } from "./browser.mjs";
import { findFaketime, installFaketime } from "./faketime.mjs";
import { installRedis } from "./install-redis.mjs";
import { withLock } from "./lock.mjs";
import { installPackages, packagesAreFresh } from "./packages.mjs";
import { findPromtool, installPromtool } from "./promtool.mjs";
import { findRedisBinary } from "./redis-binary.mjs";

const redisComesByUrl = process.argv[2] === "start" && Boolean(process.env.REDIS_URL);

const steps = [
  {
    done: packagesAreFresh,
    run: () => {
      console.log("Installing npm packages …");
      installPackages();
    },
  },
  { done: () => redisComesByUrl || findRedisBinary() !== undefined, run: installRedis },
  { done: () => process.argv[2] !== "test" || findFaketime() !== undefined, run: installFaketime },
  { done: () => process.argv[2] !== "test" || findPromtool() !== undefined, run: installPromtool },
  { done: () => process.argv[2] !== "test" || findBrowser() !== undefined, run: installBrowser },
];

try {
  for (const { done, run } of steps) {
    // Looked at twice: another set-up may have done it while this one waited.
    if (!done()) await withLock("setup", () => done() || run());
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
