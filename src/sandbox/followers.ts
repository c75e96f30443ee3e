import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { beijingMonth } from "./beijing.ts";

/** What a send did to one person of its list; kept as a byte. */
export const outcomes = [
  "sent",
  "failed",
  "unfollowed",
  "capped",
  "duplicate",
  "stopped",
  "blacklisted",
] as const;
export type Outcome = (typeof outcomes)[number];

/** One follower in so many can't be reached, so that reports have an ErrorCount. */
const failingEvery = 500;

/** The OpenID of one follower of an account, `index` from 0. The same at every start. */
export function followerOpenid(accountId: string, index: number): string {
  return openid(`follower/${accountId}/${index}`);
}

/** The OpenID of somebody who followed the account once. There is no end to them. */
export function unfollowedOpenid(accountId: string, index: number): string {
  return openid(`unfollowed/${accountId}/${index}`);
}

/** Whether a text could be anybody's OpenID: 28 characters are usual, no document promises them. */
export function looksLikeOpenid(text: string): boolean {
  return /^[A-Za-z0-9_-]{20,64}$/.test(text);
}

function openid(seed: string): string {
  return `o${createHash("sha256").update(seed).digest("base64url").slice(0, 27)}`;
}

export type Followers = ReturnType<typeof createFollowers>;

/** The followers of one account, and how many mass messages each was sent this month (WECHAT.md section 5). */
export function createFollowers(options: {
  accountId: string;
  count: number;
  perUserPerMonth: number;
  clock: Clock;
}) {
  const { accountId, count, perUserPerMonth, clock } = options;
  const everybody = Array.from({ length: count }, (_, index) => followerOpenid(accountId, index));
  const positions = new Map(everybody.map((text, index) => [text, index]));
  const away = new Set<string>();
  const blacklist = new Set<string>();
  let received = new Uint8Array(count);
  let month = beijingMonth(clock.now());

  const turnMonth = () => {
    if (month === beijingMonth(clock.now())) return;
    month = beijingMonth(clock.now());
    received.fill(0);
  };
  const indexOf = (text: string) => (away.has(text) ? undefined : positions.get(text));

  return {
    /** Who follows now. */
    get openids(): readonly string[] {
      return away.size === 0 ? everybody : everybody.filter((text) => !away.has(text));
    },
    blacklist: blacklist as Set<string>,
    /** Undefined for one who does not follow. */
    indexOf,
    /** Up to `most` of those who follow, from behind one of them or from the first; undefined behind a stranger. */
    page(last: string, most: number): readonly string[] | undefined {
      const before = last === "" ? -1 : positions.get(last);
      if (before === undefined) return undefined;
      const page: string[] = [];
      for (let at = before + 1; at < everybody.length && page.length < most; at++) {
        const text = everybody[at] ?? "";
        if (!away.has(text)) page.push(text);
      }
      return page;
    },
    follow(text: string): void {
      away.delete(text);
      if (positions.has(text)) return;
      positions.set(text, everybody.length);
      everybody.push(text);
      const longer = new Uint8Array(everybody.length);
      longer.set(received);
      received = longer;
    },
    unfollow(text: string): void {
      if (positions.has(text)) away.add(text);
    },
    /** How many messages a follower was sent this month. */
    received(index: number): number {
      turnMonth();
      return received[index] ?? 0;
    },
    /**
     * Sends to a list: what became of each, in its order. A person named twice is sent once. With `delivers`
     * false nobody receives anything, and no count of a month moves.
     */
    send(list: readonly string[], delivers: boolean): Outcome[] {
      turnMonth();
      const seen = new Set<string>();
      return list.map((text) => {
        if (seen.has(text)) return "duplicate";
        seen.add(text);
        const index = indexOf(text);
        if (index === undefined) return "unfollowed";
        if (blacklist.has(text)) return "blacklisted";
        const before = received[index] ?? 0;
        if (before >= perUserPerMonth) return "capped";
        if (!delivers || index % failingEvery === failingEvery - 1) return "failed";
        received[index] = before + 1;
        return "sent";
      });
    },
  };
}
