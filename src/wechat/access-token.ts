import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Logger } from "../log.ts";
import type { WechatError } from "./answer.ts";
import type { Call } from "./client.ts";
import { type Credentials, fetchStableToken, tokenRefused } from "./stable-token.ts";

/** In the last 5 minutes of a token WeChat gives out the next one, and both work (WECHAT.md section 1.2). */
const RENEW_BEFORE_MS = 300_000;

/** WeChat allows 20 forced refreshes a day, at least 30 s apart (WECHAT.md section 1.2). */
const FORCE_EVERY_MS = 600_000;

/** Held while its owner fetches; of a process that died it lapses, and another one fetches. */
const LEASE_MS = 5_000;
const HOLD_EVERY_MS = 1_500;

/** A renewal that failed is not tried again sooner: the old token still works. */
const RENEW_AGAIN_MS = 60_000;

/** Longer than two calls, a forced one being the second. */
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 100;
const LOOKS = PATIENCE_MS / LOOK_AGAIN_MS;

/** The part of one account's token that all processes share. */
export type TokenCache = {
  /**
   * `token` is valid. `renew` and `fetch` give the lease to the asker: to renew while the old token still
   * works, or to fetch because there is none. `wait`: there is none, and somebody else fetches it.
   */
  lease(request: {
    account: string;
    holder: string;
    now: number;
    leaseMs: number;
  }): Promise<{ kind: "token" | "renew"; token: string } | { kind: "fetch" | "wait" }>;

  /** Keeps the lease of its holder for `leaseMs` from now. */
  hold(request: { account: string; holder: string; leaseMs: number }): Promise<unknown>;

  /**
   * Stores what the holder of the lease has fetched and ends the lease. The token that was dropped last is
   * not stored: `force` allows one forced refresh per `forceEveryMs`, `refused` says that it has been had.
   * `late`: the lease had passed to somebody else.
   */
  write(request: {
    account: string;
    holder: string;
    now: number;
    token: string;
    renewAt: number;
    expiresAt: number;
    forceEveryMs: number;
  }): Promise<"written" | "force" | "refused" | "late">;

  /** Compare and drop: a newer token stays. */
  drop(request: { account: string; token: string }): Promise<unknown>;

  /** Ends the lease of this holder, nothing having been fetched. */
  release(request: { account: string; holder: string }): Promise<unknown>;
};

export type AccessToken = {
  get(): Promise<string>;
  /** A token in place of one that WeChat has refused. `why` is what it said. */
  replace(bad: string, why?: WechatError): Promise<string>;
  /** Takes a token that WeChat refused out of use, unless another one is there by now. */
  drop(bad: string): Promise<void>;
};

/**
 * The access token of one account, shared by all processes: one of them renews it before it runs out, the
 * others go on with the old one, or wait a moment where there is none.
 *
 * Both functions throw Failure TOKEN_REFUSED for trouble of the account (details: errcode, rid, action,
 * remedy) and WECHAT_UNREACHABLE for trouble that passes.
 */
export function createAccessToken(of: {
  account: Credentials & { readonly id: string };
  call: Call;
  cache: TokenCache;
  clock: Clock;
  log: Logger;
  /** How to wait for another process; given by tests. */
  wait?: (ms: number) => Promise<unknown>;
}): AccessToken {
  const { cache, clock, log, wait = sleep } = of;
  const account = of.account.id;

  const obtain = async (why?: WechatError): Promise<string> => {
    for (let looks = 0; looks < LOOKS; looks++) {
      const holder = randomUUID();
      const lease = await cache.lease({ account, holder, now: clock.now(), leaseMs: LEASE_MS });
      if (lease.kind === "token") return lease.token;
      if (lease.kind === "renew") return renew(holder, lease.token);
      const token = lease.kind === "fetch" ? await fetchFirst(holder, why) : await wait(LOOK_AGAIN_MS);
      if (typeof token === "string") return token;
    }
    throw new Failure("WECHAT_UNREACHABLE", "No process has brought an access token for a while");
  };

  /** The old token still works: trouble is only logged, and the lease kept for a while before the next try. */
  const renew = async (holder: string, old: string): Promise<string> => {
    try {
      return (await holding(holder, () => store(holder))) ?? old;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      await cache.hold({ account, holder, leaseMs: RENEW_AGAIN_MS });
      log.warn({ account, code: error.code, ...error.details }, "Could not renew the access token early");
      return old;
    }
  };

  const fetchFirst = async (holder: string, why?: WechatError): Promise<string | undefined> => {
    try {
      return await holding(holder, () => store(holder, why));
    } catch (error) {
      await cache.release({ account, holder });
      throw error;
    }
  };

  const holding = async <Result>(holder: string, work: () => Promise<Result>): Promise<Result> => {
    // Of one that can't be held another process takes over, which does no harm.
    const hold = () => void cache.hold({ account, holder, leaseMs: LEASE_MS }).catch(() => {});
    const timer = setInterval(hold, HOLD_EVERY_MS).unref();
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  };

  /** Undefined when the lease was lost meanwhile: whoever has it now brings the token. */
  const store = async (holder: string, why?: WechatError, force = false): Promise<string | undefined> => {
    const now = clock.now();
    const { token, lifeMs } = await fetchStableToken(of.call, of.account, force);
    const written = await cache.write({
      account,
      holder,
      now,
      token,
      renewAt: now + lifeMs - Math.min(RENEW_BEFORE_MS, lifeMs / 2),
      expiresAt: now + lifeMs,
      forceEveryMs: FORCE_EVERY_MS,
    });
    log.debug({ account, forced: force, outcome: written }, "Fetched an access token");
    if (written === "written") return token;
    if (written === "late") return undefined;
    if (written === "force") return store(holder, why, true);
    throw tokenRefused(why ?? { message: "the token just given out is the one that it refuses" });
  };

  return {
    get: () => obtain(),
    replace: async (bad, why) => {
      await cache.drop({ account, token: bad });
      return obtain(why);
    },
    drop: async (bad) => {
      await cache.drop({ account, token: bad });
    },
  };
}
