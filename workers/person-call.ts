import type { Account } from "../src/campaign/account.ts";
import { endOfDay } from "../src/campaign/calendar.ts";
import type { ReservedApi } from "../src/campaign/quota.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Quotas } from "../src/store/quotas.ts";
import type { WechatError } from "../src/wechat/answer.ts";
import type { CountedReply } from "../src/wechat/api.ts";
import type { ApiReply } from "../src/wechat/api-reply.ts";

type Parts = {
  readonly units: Pick<Quotas, "reserve" | "commit" | "release" | "exhaust">;
  readonly clock: Clock;
};

export type PersonCall = ReturnType<typeof createPersonCall>;

const MINUTE_MS = 60_000;

/**
 * Makes one call that a person asks for and that costs a unit of the day (MECHANICS section 4), in the minute's last
 * sixth too, which is people's. A unit goes back only when its request provably never left. A token that is refused
 * is replaced, and the call made once more, with a further unit.
 *
 * `name` is the unit's, a number is put behind it: one that is held from before a crash is used up first.
 *
 * @throws Failure QUOTA_SPENT (details: reason, until, retryAfterSeconds, and errcode and rid where WeChat says so):
 *   this call had no effect
 */
export function createPersonCall({ units, clock }: Parts) {
  return async <Value>(
    account: Account,
    { api, name }: { api: ReservedApi; name: string },
    make: () => Promise<CountedReply<Value>>,
  ): Promise<ApiReply<Value>> => {
    let hadRefusedToken = false;
    for (let number = 1; ; number++) {
      const now = clock.now();
      const reserved = await units.reserve(account, { api, name: `${name}#${number}` }, now);
      if (reserved.word === "used") continue;
      if (reserved.word === "wait") throw spent(reserved.reason, reserved.until);
      const { unit } = reserved;
      const committed = await units.commit(account, unit, clock.now());
      if (committed.word === "wait") {
        await units.release(account, unit);
        throw spent("minute-quota", committed.until ?? now + MINUTE_MS);
      }
      if (committed.word === "over") throw spent("daily-quota", endOfDay(unit.day));
      if (committed.word !== "go") continue;

      const reply = await make();
      if (reply.requests === 0) await units.release(account, unit);
      if (reply.kind === "token") {
        if (hadRefusedToken) return { kind: "not-now", wait: "account", error: reply.error };
        hadRefusedToken = true;
        continue;
      }
      if (reply.kind === "not-now" && reply.wait === "day") {
        await units.exhaust(account, unit);
        throw spent("daily-quota", endOfDay(unit.day), reply.error);
      }
      if (reply.kind === "not-now" && reply.wait === "minute")
        throw spent("minute-quota", clock.now() + MINUTE_MS, reply.error);
      return reply;
    }
  };

  function spent(reason: "daily-quota" | "minute-quota", until: number, said?: WechatError): Failure {
    const at = new Date(until).toISOString();
    const period = reason === "daily-quota" ? "day" : "minute";
    const source = said ? `WeChat says: ${said.message}` : `The ${period}'s calls of this kind are used up`;
    const { errcode, rid } = said ?? {};
    return new Failure("QUOTA_SPENT", `${source}. There are new ones from ${at}.`, {
      details: {
        ...{ reason, until: at, retryAfterSeconds: Math.max(1, Math.ceil((until - clock.now()) / 1_000)) },
        ...(errcode !== undefined && { errcode }),
        ...(rid && { rid }),
      },
    });
  }
}
