import { pino } from "pino";
import { inject } from "vitest";
import { createConsole } from "../../src/compose-console.ts";
import type { ApiKey } from "../../src/http/auth.ts";
import { createKeys } from "../../src/store/keys.ts";
import { openRedis } from "../../src/store/redis.ts";
import { createTestClock } from "../support/clock.ts";
import { randomPrefix } from "../support/prefix.ts";
import { type Answer, openDoor } from "./door.ts";
import { createLedger } from "./ledger.ts";

export const password = "correct horse";

type Options = {
  readonly dashboardPassword?: string | undefined;
  readonly basePath?: string;
  readonly trustedProxies?: readonly string[];
  readonly apiKeys?: readonly ApiKey[];
  readonly host?: string;
  readonly redisUrl?: string;
  /** The same for servers that count together. */
  readonly name?: string;
};

/** The whole door with the console as a server has it, on a Redis under a name of its own. */
export async function openConsole(options: Options = {}) {
  const { redisUrl = inject("redisUrl"), name = randomPrefix(), ...settings } = options;
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const { redis, close } = await openRedis(redisUrl.split(","), "server", log);
  const keys = createKeys(name);
  const clock = createTestClock();
  const books = createLedger();
  const config = {
    ...{ apiKeys: [], host: "127.0.0.1", dashboardPassword: password, basePath: "" },
    ...{ trustedProxies: [], accounts: [] },
    ...settings,
  };
  const console = createConsole({
    ...{ config, redis, keys, queues: { all: [] }, readable: books.ledger, clock, log },
  });
  const door = await openDoor({ ...console, ledger: books.ledger, clock, log });
  return {
    ...{ ...door, name, lines, redis, keys, clock, books },
    /** Of the console: its pages and what belongs to them. */
    paths: [...console.console.map(({ path }) => path), ...Object.keys(console.pages)],
    logIn: (fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
      door.ask(`${config.basePath}/login`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams({ username: "admin", password, ...fields }).toString(),
      }),
    async close() {
      await door.close();
      await close();
    },
  };
}

export type ConsoleRig = Awaited<ReturnType<typeof openConsole>>;

/** The cookie that an answer sets, as a browser sends it back; empty when it sets none. */
export function cookieOf({ headers }: Answer): string {
  return headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

export const asBrowser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
