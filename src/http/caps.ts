import { z } from "zod";
import { monthOf } from "../campaign/calendar.ts";
import { capLeft } from "../campaign/cap.ts";
import { openIdIn } from "../campaign/openid.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Caps } from "../store/caps.ts";
import { type Accounts, accountIn } from "./account.ts";
import { NoQuery, readQuery } from "./query.ts";
import { documented } from "./route.ts";

/** What this door reads of the monthly cap; `compose.ts` hands it over. */
export type CapReads = Pick<Caps, "used" | "histogram">;

const count = z.int().nonnegative();
const month = z
  .string()
  .regex(/^\d{4}-\d{2}$/)
  .describe("Of Asia/Shanghai.");

const CapView = z
  .object({
    month,
    used: count.describe("Every send counted, reservations and sends to everybody included."),
    left: count,
    limit: count,
  })
  .meta({ id: "Cap" });
type CapView = z.infer<typeof CapView>;

const CapsView = z
  .object({
    month,
    users: z
      .object({ 1: count, 2: count, 3: count, 4: count })
      .describe("People by their messages; 4 or more."),
    base: count.describe("Messages of this month that went to everybody."),
    followers: count.nullable().describe("Null until WeChat has told how many there are."),
  })
  .meta({ id: "Caps" });
type CapsView = z.infer<typeof CapsView>;

/** The cap of the Shanghai month of now. */
export function createCapHandlers(caps: CapReads, accounts: Accounts, clock: Clock) {
  return {
    show: documented(
      {
        id: "getCap",
        summary: "Tells how many messages one person has had this month, and how many are left.",
        tag: "Accounts",
        answers: { 200: CapView },
      },
      async (c) => {
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
        return c.json({ month, used, left: capLeft(limit, used), limit } satisfies CapView);
      },
    ),

    histogram: documented(
      {
        id: "getCaps",
        summary: "Counts how many people have had 1, 2, 3, and 4 or more messages this month.",
        tag: "Accounts",
        answers: { 200: CapsView },
      },
      async (c) => {
        readQuery(c, NoQuery);
        const { id: account } = accountIn(c, accounts);
        const month = monthOf(clock.now());
        const { users, base, followers } = await caps.histogram({ account, month });
        return c.json({ month, users, base, followers } satisfies CapsView);
      },
    ),
  };
}
