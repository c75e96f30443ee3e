import { Redis } from "ioredis";
import { inject } from "vitest";
import { createLogger } from "../../src/log.ts";
import { createKeys } from "../../src/store/keys.ts";
import { createTokens } from "../../src/store/tokens.ts";
import { createAccessToken } from "../../src/wechat/access-token.ts";
import { openClient } from "../../src/wechat/client.ts";
import { createTestClock } from "../support/clock.ts";
import { randomPrefix } from "../support/prefix.ts";
import { openTokenServer } from "./token-server.ts";

export const account = { id: "acme", appid: "wx0123456789abcdef", secret: "a-secret" };
export const second = 1_000;
export const minute = 60 * second;

export type TokenWorld = Awaited<ReturnType<typeof openTokenWorld>>;

/** WeChat, a Redis prefix and a clock; `openProcess` joins them as one process of several would. */
export async function openTokenWorld() {
  const wechat = await openTokenServer();
  const clock = createTestClock();
  const keys = createKeys(randomPrefix());
  const log = createLogger("silent");
  const closers: (() => unknown)[] = [wechat.close];

  const openProcess = (wait: () => Promise<unknown> = () => Promise.resolve()) => {
    const redis = new Redis(inject("redisUrl"));
    const client = openClient({
      account: { apiBase: wechat.url },
      sendTimeoutMs: 10_000,
      proxy: {},
      clock,
      log,
    });
    closers.push(() => redis.quit(), client.close);
    const cache = createTokens(redis, keys);
    return { ...createAccessToken({ account, call: client.call, cache, clock, log, wait }), redis };
  };
  const close = async () => {
    for (const one of closers.reverse()) await one();
  };
  return { ...wechat, clock, keys, openProcess, close };
}
