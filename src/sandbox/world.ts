import type { Clock } from "../clock.ts";
import { createBooks } from "./books.ts";
import { createDuplicates } from "./duplicates.ts";
import { createFollowers } from "./followers.ts";
import { createQuotas } from "./quotas.ts";
import type { Account, Settings } from "./settings.ts";
import { createTokens } from "./tokens.ts";

export type AccountWorld = ReturnType<typeof createAccountWorld>;
export type World = ReturnType<typeof createWorld>;

/** All that WeChat knows about one account. */
function createAccountWorld(account: Account, settings: Settings, clock: Clock) {
  const { followers: count, perUserPerMonth, retryGapMs } = settings;
  const quotas = createQuotas(clock);
  return {
    account,
    quotas,
    tokens: createTokens({ clock, quotas }),
    followers: createFollowers({ accountId: account.id, count, perUserPerMonth, clock }),
    duplicates: createDuplicates({ clock, retryGapMs }),
    books: createBooks(),
  };
}

/** Every account, found by what a call says of itself. */
export function createWorld(settings: Settings, clock: Clock) {
  const all = settings.accounts.map((account) => createAccountWorld(account, settings, clock));
  return {
    all: all as readonly AccountWorld[],
    byId: (id: string) => all.find(({ account }) => account.id === id),
    byAppid: (appid: unknown) => all.find(({ account }) => account.appid === appid),
    /** Whose token this is, still valid or not. */
    byToken: (token: string) => all.find(({ tokens }) => tokens.knows(token)),
  };
}
