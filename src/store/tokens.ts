import { z } from "zod";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

const LeaseReply = z
  .tuple([z.enum(["token", "renew", "fetch", "wait"]), z.string()])
  .transform(([kind, token]) => (kind === "token" || kind === "renew" ? { kind, token } : { kind }));

export type Tokens = ReturnType<typeof createTokens>;

/** The access tokens that all processes share, and who fetches the next one; used by `wechat/access-token`. */
export function createTokens(redis: RedisClient, keys: Keys) {
  const lease = createScript(redis, "lease-token", LeaseReply);
  const write = createScript(redis, "write-token", z.enum(["written", "force", "refused", "late"]));
  const drop = createScript(redis, "drop-token", z.enum(["dropped", "kept"]));
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

    /** Times in milliseconds. The token that was dropped last is not stored again. */
    write: (request: {
      account: string;
      holder: string;
      now: number;
      token: string;
      renewAt: number;
      expiresAt: number;
      forceEveryMs: number;
    }) =>
      write(both(request.account), [
        request.now,
        request.holder,
        request.token,
        request.renewAt,
        request.expiresAt,
        request.forceEveryMs,
      ]),

    /** Compare and drop: a newer token stays. */
    drop: ({ account, token }: { account: string; token: string }) => drop([keys.token(account)], [token]),

    release: ({ account, holder }: { account: string; holder: string }) =>
      release([keys.tokenLease(account)], [holder]),
  };
}
