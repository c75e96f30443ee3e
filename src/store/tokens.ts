import { z } from "zod";
import { dayOf } from "../campaign/calendar.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

const LeaseReply = z
  .tuple([z.enum(["token", "renew", "fetch", "wait"]), z.string()])
  .transform(([kind, token]) => (kind === "token" || kind === "renew" ? { kind, token } : { kind }));

const WriteReply = z
  .tuple([z.enum(["written", "force", "wait", "late"]), z.number()])
  .transform(([kind, until]) => (kind === "wait" ? { kind, until } : { kind }));

/** What was fetched and how, and when it may be done by force again; times in milliseconds. */
export type FetchedToken = {
  readonly account: string;
  readonly holder: string;
  readonly now: number;
  readonly token: string;
  readonly renewAt: number;
  readonly expiresAt: number;
  readonly forced: boolean;
  /** From the answer to a forced call, and from the call itself, whose answer may get lost. */
  readonly forceEveryMs: number;
  readonly forceAgainMs: number;
  readonly forcesPerDay: number;
};

export type Tokens = ReturnType<typeof createTokens>;

/** The access tokens that all processes share, and who fetches the next one; used by `wechat/access-token`. */
export function createTokens(redis: RedisClient, keys: Keys) {
  const lease = createScript(redis, "lease-token", LeaseReply);
  const write = createScript(redis, "write-token", WriteReply);
  const drop = createScript(redis, "drop-token", z.enum(["dropped", "known", "kept"]));
  const hold = createScript(redis, "hold-token", z.enum(["held", "lost"]));
  const release = createScript(redis, "release-token", z.enum(["released", "kept"]));
  const both = (account: string) => [keys.token(account), keys.tokenLease(account)];

  return {
    /** The token, or the lease to fetch one for `leaseMs`. */
    lease: (request: { account: string; holder: string; now: number; leaseMs: number }) =>
      lease(both(request.account), [request.now, request.holder, request.leaseMs]),

    /** From now on for another `leaseMs`. */
    hold: ({ account, holder, leaseMs }: { account: string; holder: string; leaseMs: number }) =>
      hold([keys.tokenLease(account)], [holder, leaseMs]),

    /** What was fetched, by force or not; the token that was dropped last shall be replaced by force. */
    write: ({ account, holder, now, ...fetched }: FetchedToken) =>
      write(both(account), [now, holder, JSON.stringify({ ...fetched, day: dayOf(now) })]),

    /** Compare and drop: a newer token stays. */
    drop: ({ account, token }: { account: string; token: string }) => drop([keys.token(account)], [token]),

    release: ({ account, holder }: { account: string; holder: string }) =>
      release([keys.tokenLease(account)], [holder]),
  };
}
