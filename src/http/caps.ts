import type { Context } from "hono";
import { monthOf } from "../campaign/calendar.ts";
import { capLeft } from "../campaign/cap.ts";
import { openIdIn } from "../campaign/openid.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Caps } from "../store/caps.ts";
import { type Accounts, accountIn } from "./account.ts";
import { NoQuery, readQuery } from "./query.ts";

/** What this door reads of the monthly cap; `compose.ts` hands it over. */
export type CapReads = Pick<Caps, "used" | "histogram">;

/** The cap of the Shanghai month of now. */
export function createCapHandlers(caps: CapReads, accounts: Accounts, clock: Clock) {
  return {
    /** One person's month: every send counted, reservations and sends to everybody included. */
    async show(c: Context) {
      readQuery(c, NoQuery);
      const { id: account, limits } = accountIn(c, accounts);
      const limit = limits.perUserPerMonth;
      const openid = openIdIn(c.req.param("openid"));
      if (openid === undefined)
        throw new Failure("INVALID_PARAMETER", "That can't be an OpenID.", {
          details: { errors: [{ path: "openid", message: "20 to 64 characters of A-Z a-z 0-9 _ -" }] },
        });
      const month = monthOf(clock.now());
      const used = await caps.used({ account, month }, openid);
      return c.json({ month, used, left: capLeft(limit, used), limit });
    },

    /** How many people stand at 1, 2, 3, and 4 or more. */
    async histogram(c: Context) {
      readQuery(c, NoQuery);
      const { id: account } = accountIn(c, accounts);
      const month = monthOf(clock.now());
      const { users, base, followers } = await caps.histogram({ account, month });
      return c.json({ month, users, base, followers });
    },
  };
}
