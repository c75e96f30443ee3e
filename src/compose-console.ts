import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createPages } from "./console/pages.ts";
import { createQueueBoard, type QueueBoardParts } from "./console/queue-board.ts";
import { createClientOf } from "./http/client.ts";
import { createCountWrongKey, createGuesses } from "./http/guesses.ts";
import type { Ledger } from "./http/ledger.ts";
import type { Logger } from "./log.ts";
import { createEndedLogins } from "./store/ended-logins.ts";
import type { Keys } from "./store/keys.ts";
import type { RedisClient } from "./store/script.ts";

type Parts = {
  readonly config: Pick<
    Config,
    "apiKeys" | "host" | "dashboardPassword" | "basePath" | "trustedProxies" | "accounts"
  >;
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly queues: { readonly all: QueueBoardParts["queues"] };
  readonly readable: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Passwords are chosen by people: five guesses in ten minutes. */
const PASSWORD_GUESSES = { each: 5, all: 100, seconds: 600 };
/** Who may come in, and the pages for people. */
export function createConsole({ config, redis, keys, queues, readable, clock, log }: Parts) {
  const { apiKeys, host, basePath } = config;
  const clientOf = createClientOf(config.trustedProxies);
  const { routes, login, troublePage } = createPages({
    ledger: readable,
    accounts: config.accounts.map(({ id }) => id),
    password: config.dashboardPassword,
    basePath,
    clientOf,
    guesses: createGuesses(redis, keys.guesses("password"), PASSWORD_GUESSES),
    ended: createEndedLogins(redis, keys),
    clock,
    log,
  });
  return {
    ...{ apiKeys, host, basePath, login, console: routes, troublePage },
    countWrongKey: createCountWrongKey(redis, keys.guesses("key"), clientOf),
    pages: { "/queues": createQueueBoard({ queues: queues.all, path: "/queues", basePath }) },
  };
}
