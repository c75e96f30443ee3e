import type { Account } from "./campaign/account.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { Failure } from "./failure.ts";
import type { Logger } from "./log.ts";
import type { Opened } from "./opening.ts";
import type { Keys } from "./store/keys.ts";
import type { RedisClient } from "./store/script.ts";
import { createTokens } from "./store/tokens.ts";
import { createAccessToken } from "./wechat/access-token.ts";
import { createApiQuota } from "./wechat/api-quota.ts";
import { type Call, openClient } from "./wechat/client.ts";
import { openDownload } from "./wechat/download.ts";
import { createFollowers } from "./wechat/followers.ts";
import { createMass } from "./wechat/mass.ts";
import { createMassDesk } from "./wechat/mass-desk.ts";
import { createMedia } from "./wechat/media.ts";
import { createMenus } from "./wechat/menu.ts";
import { createQrCodes } from "./wechat/qrcode.ts";
import { fetchStableToken } from "./wechat/stable-token.ts";
import { createTags } from "./wechat/tags.ts";

type Parts = {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly log: Logger;
  /** In place of HTTP to WeChat, for an account. */
  readonly callOf?: ((account: string) => Call) | undefined;
  /** Sees every call that is made. */
  readonly watchCall?: ((account: string, call: Call) => Call) | undefined;
};

type Network = Pick<Config, "httpsProxy" | "noProxy" | "sendTimeoutMs">;

function proxyOf({ httpsProxy, noProxy }: Network) {
  return { ...(httpsProxy && { httpsProxy }), noProxy: noProxy.join(",") };
}

/**
 * Asks WeChat for an account's token, past the one that all processes share and without an effect on it: whether
 * appid, secret and IP whitelist are right, now.
 *
 * @throws Failure TOKEN_REFUSED, WECHAT_UNREACHABLE
 */
export async function askToken(
  config: Network,
  account: Account,
  { clock, log }: Pick<Parts, "clock" | "log">,
) {
  const { sendTimeoutMs } = config;
  const client = openClient({ account, sendTimeoutMs, proxy: proxyOf(config), clock, log });
  try {
    return await fetchStableToken(client.call, account, false);
  } finally {
    await client.close();
  }
}

/** WeChat's side of every account, by id. */
export function openWechat(config: Config, { redis, keys, clock, log, ...parts }: Parts, opened: Opened) {
  const { callOf, watchCall = (_account, call) => call } = parts;
  const cache = createTokens(redis, keys);
  const proxy = proxyOf(config);
  const openHttp = (account: Account) => {
    const client = openClient({ account, sendTimeoutMs: config.sendTimeoutMs, proxy, clock, log });
    opened.push(client.close);
    return client;
  };
  const open = (account: Account) => {
    const call = watchCall(account.id, callOf ? callOf(account.id) : openHttp(account).call);
    const token = createAccessToken({ account, call, cache, clock, log });
    const site = openDownload({ account, timeoutMs: config.sendTimeoutMs, proxy, clock, log });
    opened.push(site.close);
    const api = { call, token };
    return {
      ...{ account, token },
      mass: createMass(api),
      massDesk: createMassDesk(api),
      media: createMedia({ ...api, clock }),
      followers: createFollowers(api),
      tags: createTags(api),
      menus: createMenus(api),
      qrCodes: createQrCodes({ ...api, download: site.download }),
      apiQuota: createApiQuota({ ...api, account }),
    };
  };
  const wechats = new Map(config.accounts.map((account) => [account.id as string, open(account)]));

  return (id: string) => {
    const wechat = wechats.get(id);
    if (!wechat)
      throw new Failure("ACCOUNT_UNKNOWN", "The accounts file names no such account any more.", {
        details: { account: id },
      });
    return wechat;
  };
}
