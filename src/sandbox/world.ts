import type { Clock } from "../clock.ts";
import { createBooks } from "./books.ts";
import { createDuplicates } from "./duplicates.ts";
import { createFollowers } from "./followers.ts";
import { createMedia, type MediaShelf } from "./media.ts";
import { createMenu } from "./menu.ts";
import { createQuotas } from "./quotas.ts";
import type { Account, Settings } from "./settings.ts";
import { createTags } from "./tags.ts";
import { createTickets } from "./tickets.ts";
import { createTokens } from "./tokens.ts";

export type AccountWorld = ReturnType<typeof createAccountWorld>;
export type World = ReturnType<typeof createWorld>;

type Surroundings = {
  settings: Settings;
  clock: Clock;
  shelf: MediaShelf;
  /** Whether an OpenID is that of another account's follower. */
  followsAnother: (openid: string) => boolean;
};

/** All that WeChat knows about one account. */
function createAccountWorld(account: Account, { settings, clock, shelf, followsAnother }: Surroundings) {
  const { followers: count, perUserPerMonth, retryGapMs, mediaMustExist: mustExist } = settings;
  const quotas = createQuotas(clock);
  const followers = createFollowers({ accountId: account.id, count, perUserPerMonth, clock });
  return {
    account,
    clock,
    quotas,
    tokens: createTokens({ clock, quotas }),
    followers,
    followsAnother,
    tags: createTags(followers),
    remarks: new Map<string, string>(),
    media: createMedia({ account: account.id, shelf, clock, mustExist }),
    menu: createMenu(),
    tickets: createTickets(clock),
    speed: { value: 0 },
    duplicates: createDuplicates({ clock, retryGapMs }),
    books: createBooks(),
  };
}

/** Every account, found by what a call says of itself. */
export function createWorld(settings: Settings, clock: Clock) {
  const shelf: MediaShelf = new Map();
  const all: AccountWorld[] = settings.accounts.map((account) =>
    createAccountWorld(account, {
      settings,
      clock,
      shelf,
      followsAnother: (openid) =>
        all.some((other) => other.account.id !== account.id && other.followers.indexOf(openid) !== undefined),
    }),
  );
  return {
    all: all as readonly AccountWorld[],
    byId: (id: string) => all.find(({ account }) => account.id === id),
    byAppid: (appid: unknown) => all.find(({ account }) => account.appid === appid),
    /** Whose token this is, still valid or not. */
    byToken: (token: string) => all.find(({ tokens }) => tokens.knows(token)),
  };
}
