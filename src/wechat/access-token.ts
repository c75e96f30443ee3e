import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Logger } from "../log.ts";
import type { Call } from "./client.ts";
import { type Credentials, fetchStableToken } from "./stable-token.ts";

/** In the last 5 minutes of a token WeChat gives out the next one, and both work (WECHAT.md section 1.2). */
const RENEW_BEFORE_MS = 300_000;

/**
 * WeChat heeds 20 forced refreshes a day, 30 s apart (WECHAT.md section 1.2). One whose answer was lost may be
 * repeated soon: were it made, a call in normal mode brings the new token, and no force is needed.
 */
const FORCING = { forceEveryMs: 31_000, forceAgainMs: 5_000, forcesPerDay: 20 };

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
   * not stored but replaced by `force`, or, while WeChat would not heed one, later: `wait`. With the day's
   * forces spent it is stored after all, as is whatever a forced call brings. `late`: the lease had passed
   * to somebody else.
   */
  write(request: {
    account: string;
    holder: string;
    now: number;
    token: string;
    renewAt: number;
    expiresAt: number;
    forced: boolean;
    forceEveryMs: number;
    forceAgainMs: number;
    forcesPerDay: number;
  }): Promise<{ kind: "written" | "force" | "late" } | { kind: "wait"; until: number }>;

  /** Compare and drop: a newer token is `kept`, and one that was dropped before `known`. */
  drop(request: { account: string; token: string }): Promise<"dropped" | "known" | "kept">;

  /** Ends the lease of this holder, nothing having been fetched. */
  release(request: { account: string; holder: string }): Promise<unknown>;
};

export type AccessToken = {
  get(): Promise<string>;
  /** A token in place of one that WeChat has refused. */
  replace(bad: string): Promise<string>;
  /** Takes a token that WeChat refused out of use; answers whether this is the first word of it. */
  drop(bad: string): Promise<boolean>;
};

/**
 * The access token of one account, shared by all processes: one of them renews it before it runs out, the
 * others go on with the old one, or wait a moment where there is none.
 *
 * A token that was dropped and comes back is replaced by force, as soon as WeChat heeds one. That such tokens
 * are refused again and again is for the caller to see: here only a call for a token that is refused itself is
 * trouble of the account.
 *
 * `get` and `replace` throw Failure TOKEN_REFUSED for such trouble (details: errcode, rid, action, remedy) and
 * WECHAT_UNREACHABLE for trouble that passes (details: `retryAt` in milliseconds, where that is known).
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

  const obtain = async (): Promise<string> => {
    for (let looks = 0; looks < LOOKS; looks++) {
      const holder = randomUUID();
      const lease = await cache.lease({ account, holder, now: clock.now(), leaseMs: LEASE_MS });
      if (lease.kind === "token") return lease.token;
      if (lease.kind === "renew") return renew(holder, lease.token);
      const token = lease.kind === "fetch" ? await fetchFirst(holder) : await wait(LOOK_AGAIN_MS);
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

  const fetchFirst = async (holder: string): Promise<string | undefined> => {
    try {
      return await holding(holder, () => store(holder));
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
  const store = async (holder: string, forced = false): Promise<string | undefined> => {
    const askedAt = clock.now();
    const { token, lifeMs } = await fetchStableToken(of.call, of.account, forced);
    const written = await cache.write({
      ...{ account, holder, token, forced, ...FORCING },
      now: clock.now(),
      renewAt: askedAt + lifeMs - Math.min(RENEW_BEFORE_MS, lifeMs / 2),
      expiresAt: askedAt + lifeMs,
    });
    log.debug({ account, forced, outcome: written.kind }, "Fetched an access token");
    switch (written.kind) {
      case "written":
        return token;
      case "late":
        return undefined;
      case "force":
        return store(holder, true);
      case "wait":
        throw new Failure("WECHAT_UNREACHABLE", "WeChat gives out the access token that it refuses", {
          details: { retryAt: written.until },
        });
    }
  };

  const drop = async (bad: string) => (await cache.drop({ account, token: bad })) === "dropped";

  return {
    get: obtain,
    replace: async (bad) => {
      await drop(bad);
      return obtain();
    },
    drop,
  };
}
