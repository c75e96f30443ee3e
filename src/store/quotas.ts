import { z } from "zod";
import type { Account } from "../campaign/account.ts";
import { dayOf, endOfDay } from "../campaign/calendar.ts";
import { callsPerDay, QUOTA_APIS, type QuotaState, quotaState, type ReservedApi } from "../campaign/quota.ts";
import { wechatBlockIn } from "./blocks.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

type Limited = Pick<Account, "id" | "limits">;

/** A unit of one Shanghai day. Asking twice under one name takes it once; another call needs another name. */
export type Unit = { readonly api: ReservedApi; readonly name: string; readonly day: string };

const MINUTE_MS = 60_000;

const ReserveReply = z.union([
  z.tuple([z.enum(["held", "used"]), z.string(), z.number()]),
  z.tuple([z.literal("wait"), z.enum(["daily-quota", "minute-quota"]), z.number()]),
]);

const CommitReply = z.tuple([z.enum(["go", "wait", "over", "used", "gone"]), z.number()]);

/** A field of the day's hash that counts; absent, it has counted nothing yet. */
const Counts = z.array(z.coerce.number());
const COUNTED = ["units", "held", "external", "spent", "limit"] as const;

/**
 * The daily quotas of the calls that people ask for: previews, deletes and uploads. Reserve while the call is made ready, commit right before it, release when it provably never left.
 * Sends take their units of the same day and their places in the same minute in `begin` (`store/calls`).
 */
export function createQuotas(redis: RedisClient, keys: Keys) {
  const reserveScript = createScript(redis, "reserve-unit", ReserveReply);
  const commitScript = createScript(redis, "commit-unit", CommitReply);
  const releaseScript = createScript(redis, "release-unit", z.enum(["released", "gone"]));
  const exhaustScript = createScript(redis, "exhaust-quota", z.literal("spent"));

  return {
    /**
     * Holds a unit of today. "used": its call was made already. "wait": nothing is held, there is no room until
     * then (milliseconds).
     */
    async reserve(account: Limited, { api, name }: Omit<Unit, "day">, now: number) {
      const unit: Unit = { api, name, day: dayOf(now) };
      const limits = {
        units: callsPerDay(account, api),
        allCalls: account.limits.allCallsPerDay,
        minuteCalls: account.limits.callsPerMinute,
        dayEndsAt: endOfDay(unit.day),
      };
      const reply = await reserveScript(
        [keys.quota(account.id, unit.day), keys.minute(account.id), keys.account(account.id)],
        [now, api, name, JSON.stringify(limits)],
      );
      if (reply[0] === "wait") return { word: reply[0], reason: reply[1], until: reply[2] };
      return { word: reply[0], unit };
    },

    /**
     * "go", once: the call of a held unit may be made, now. "wait": the minute is full until then. "over": its
     * day has no more calls, the unit has gone back, reserve another. "used", "gone": make no call.
     */
    async commit(account: Limited, { api, name, day }: Unit, now: number) {
      const limits = { minuteCalls: account.limits.callsPerMinute, dayEndsAt: endOfDay(day) };
      const [word, until] = await commitScript(
        [keys.quota(account.id, day), keys.minute(account.id)],
        [now, api, name, JSON.stringify(limits)],
      );
      return word === "wait" ? { word, until } : { word };
    },

    /** Gives a unit back: no call was made with it, or one that provably never left. */
    release: ({ id }: Pick<Account, "id">, { api, name, day }: Unit) =>
      releaseScript([keys.quota(id, day), keys.minute(id)], [api, name]),

    /** WeChat has said that an API has no more calls on the day of this unit (45009). */
    exhaust: ({ id }: Pick<Account, "id">, { api, day }: Pick<Unit, "api" | "day">) =>
      exhaustScript([keys.quota(id, day)], [api, endOfDay(day)]),

    /** How the quotas of an account stand. Takes and changes nothing. */
    async read(account: Limited, now: number): Promise<QuotaState> {
      const day = dayOf(now);
      const fields = QUOTA_APIS.flatMap((api) => COUNTED.map((what) => `${what}:${api}`));
      const [counts, minuteCalls, last] = await Promise.all([
        redis.hmget(keys.quota(account.id, day), "calls:all", ...fields).then((all) => Counts.parse(all)),
        redis.zcount(keys.minute(account.id), `(${now - MINUTE_MS}`, "+inf"),
        redis.hgetall(keys.account(account.id)).then(wechatBlockIn),
      ]);
      const count = (field: string) => counts[fields.indexOf(field) + 1] ?? 0;
      const block = last && now < last.until ? { reason: last.reason, until: last.until } : undefined;
      return quotaState(account, {
        day,
        resetsAt: endOfDay(day),
        takenOf: (api) => ({
          units: count(`units:${api}`),
          held: count(`held:${api}`),
          external: count(`external:${api}`),
          limit: count(`limit:${api}`) || undefined,
          spent: count(`spent:${api}`) > 0,
        }),
        calls: counts[0] ?? 0,
        minuteCalls,
        block,
      });
    },
  };
}

export type Quotas = ReturnType<typeof createQuotas>;
