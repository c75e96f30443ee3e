import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Quotas } from "./quotas.ts";

const lifeMs = 7_200_000;
const overlapMs = 300_000;
const forceGapMs = 30_000;
const forcesPerDay = 20;

type Token = { value: string; validUntil: number; superseded: boolean };

export type Tokens = ReturnType<typeof createTokens>;

/** The access tokens of one account: two channels that don't touch each other (WECHAT.md sections 1.1, 1.2). */
export function createTokens({ clock, quotas }: { clock: Clock; quotas: Quotas }) {
  const known = new Map<string, Token>();
  let plain: Token | undefined;
  let stable: Token | undefined;
  let forcedAt = Number.NEGATIVE_INFINITY;

  const issue = (): Token => {
    for (const [value, { validUntil }] of known) if (validUntil + lifeMs < clock.now()) known.delete(value);
    const value = `99_${randomBytes(96).toString("base64url")}`;
    const token = { value, validUntil: clock.now() + lifeMs, superseded: false };
    known.set(value, token);
    return token;
  };

  const supersede = (token: Token | undefined, graceMs: number) => {
    if (token === undefined) return;
    token.validUntil = Math.min(token.validUntil, clock.now() + graceMs);
    token.superseded = true;
  };

  const answer = ({ value, validUntil }: Token) => ({
    access_token: value,
    expires_in: Math.floor((validUntil - clock.now()) / 1000),
  });

  return {
    /** `/cgi-bin/token`: a new one each time; the one before lives on for five minutes. */
    issuePlain() {
      supersede(plain, overlapMs);
      plain = issue();
      return answer(plain);
    },

    /** `/cgi-bin/stable_token`: the same one until five minutes before its end, or until forced. */
    issueStable(force: boolean) {
      const now = clock.now();
      if (force && now - forcedAt >= forceGapMs && quotas.day.get("force_refresh") < forcesPerDay) {
        quotas.day.add("force_refresh");
        forcedAt = now;
        supersede(stable, 0);
        stable = undefined;
      }
      if (stable === undefined || stable.validUntil - now <= overlapMs) stable = issue();
      return answer(stable);
    },

    knows: (value: string) => known.has(value),

    /** The code to refuse a known token with, if any. */
    check(value: string): number | undefined {
      const token = known.get(value);
      if (token !== undefined && clock.now() < token.validUntil) return undefined;
      return token === undefined || token.superseded ? 40001 : 42001;
    },

    /** Ends a token before its time, as somebody's forced refresh elsewhere would. */
    invalidate(value: string): void {
      supersede(known.get(value), 0);
      if (plain?.value === value) plain = undefined;
      if (stable?.value === value) stable = undefined;
    },
  };
}

/** Whether a text could have been issued by anybody; what can't gets 40014 instead of 40001. */
export function looksLikeToken(text: string): boolean {
  return /^\d+_[A-Za-z0-9_-]{100,512}$/.test(text);
}
