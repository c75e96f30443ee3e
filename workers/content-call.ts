import type { Account } from "../src/campaign/account.ts";
import type { Trouble, Waiting } from "../src/campaign/batch.ts";
import { endOfDay, nextMonth } from "../src/campaign/calendar.ts";
import { machineCallsPerMinute, type ReservedApi } from "../src/campaign/quota.ts";
import type { Clock } from "../src/clock.ts";
import type { Quotas } from "../src/store/quotas.ts";
import type { WechatError } from "../src/wechat/answer.ts";
import type { CountedReply } from "../src/wechat/api.ts";
import type { Wait } from "../src/wechat/errcode-entry.ts";
import { ACCOUNT_BACKOFF, CONFIRMATION_MS, troubleOf } from "./trouble.ts";

/** Why content is not there yet; nothing is lost, the same step may be taken again. */
export type Pause =
  /** What it waits for, and until when; null where a person must act. */
  | { readonly kind: "wait"; readonly waiting: Waiting }
  /** Trouble that passes: again, each time a little later. */
  | { readonly kind: "again"; readonly trouble: Trouble };

export type Made<Value> = { readonly kind: "done"; readonly value: Value } | Pause;

export type Called<Value> = Made<Value> | { readonly kind: "refused"; readonly error: WechatError };

/** Units of the day for the calls of content. */
export type ContentUnits = Pick<Quotas, "reserve" | "commit" | "release" | "exhaust">;

type Parts = {
  readonly units: ContentUnits;
  readonly remedyOf: (errcode: number) => string | undefined;
  readonly clock: Clock;
};

export type ContentCall = ReturnType<typeof createContentCall>;

const MINUTE_MS = 60_000;

/**
 * Makes one call that is no send, with a unit of its own: uploadnews has ten a day, all count towards the account's
 * budget over all calls and its minute, of which a sixth is left to people. `name` is the unit's: a call whose
 * answer was lost keeps its unit, and the repeat takes the next number.
 */
export function createContentCall({ units, remedyOf, clock }: Parts) {
  return async <Value>(
    account: Account,
    { api, name }: { api: Extract<ReservedApi, "uploadNews" | "upload">; name: string },
    make: () => Promise<CountedReply<Value>>,
  ): Promise<Called<Value>> => {
    const limits = { ...account.limits, callsPerMinute: machineCallsPerMinute(account) };
    const limited = { ...account, limits };
    let tokens = 0;
    for (let number = 1; ; number++) {
      const reserved = await units.reserve(limited, { api, name: `${name}#${number}` }, clock.now());
      if (reserved.word === "used") continue;
      if (reserved.word === "wait") return waitFor(reserved.reason, reserved.until);
      const { unit } = reserved;
      const committed = await units.commit(limited, unit, clock.now());
      if (committed.word === "wait")
        return waitFor("minute-quota", committed.until ?? clock.now() + MINUTE_MS);
      if (committed.word !== "go") continue;

      const reply = await make();
      // A refused token costs a unit, and the next call has another one; twice in a row is trouble of the account.
      if (reply.kind === "token" && tokens++ === 0) continue;
      if (reply.requests === 0) await units.release(account, unit);
      if (reply.kind === "not-now" && reply.wait === "day") await units.exhaust(account, unit);
      return read(reply, unit.day);
    }
  };

  function read<Value>(reply: CountedReply<Value>, day: string): Called<Value> {
    switch (reply.kind) {
      case "token": {
        const trouble = troubleOf("TOKEN_REFUSED", reply.error, remedyOf);
        return { kind: "wait", waiting: { ...waitOf("account", day), trouble } };
      }
      case "done":
        return { kind: "done", value: reply.value };
      case "unclear":
        return { kind: "again", trouble: troubleOf("IN_DOUBT", reply.error, remedyOf) };
      case "never-left":
        return { kind: "again", trouble: troubleOf("NEVER_LEFT", reply.error, remedyOf) };
      case "not-now": {
        const trouble = troubleOf("NOT_NOW", reply.error, remedyOf);
        return { kind: "wait", waiting: { ...waitOf(reply.wait, day), trouble } };
      }
      case "refused":
        return { kind: "refused", error: reply.error };
    }
  }

  /** A day or month is that of the call, though its answer may come behind midnight. */
  function waitOf(wait: Wait, day: string): Pick<Waiting, "reason" | "until"> {
    switch (wait) {
      case "day":
        return { reason: "daily-quota", until: endOfDay(day) };
      case "month":
        return { reason: "month", until: nextMonth(endOfDay(day) - 1) };
      case "minute":
        return { reason: "minute-quota", until: clock.now() + MINUTE_MS };
      case "admin":
        return { reason: "admin-confirmation", until: clock.now() + CONFIRMATION_MS };
      case "account":
        return { reason: "account", until: clock.now() + ACCOUNT_BACKOFF.firstMs };
      case "content":
        return { reason: "content", until: null };
    }
  }
}

function waitFor(reason: Waiting["reason"], until: number): Pause {
  return { kind: "wait", waiting: { reason, until } };
}
