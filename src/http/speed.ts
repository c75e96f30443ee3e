import type { Context } from "hono";
import { z } from "zod";
import type { MassDesk } from "../wechat/mass-desk.ts";
import { valueIn } from "../wechat/value-in.ts";
import { type Accounts, accountIn } from "./account.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, readQuery } from "./query.ts";

const expected = "expected 0 to 4, 0 being the fastest";
const SpeedBody = z.strictObject({ speed: z.literal([0, 1, 2, 3, 4], expected) });

/** How fast WeChat sends an account's messages: all of them, until it is set again (WECHAT.md section 2.7). */
export function createSpeedHandlers(
  deskOf: (account: string) => Pick<MassDesk, "getSpeed" | "setSpeed">,
  accounts: Accounts,
) {
  const show = async (c: Context, id: string) => {
    const { speed, listed, said } = valueIn(await deskOf(id).getSpeed());
    return c.json({ account: id, speed, recipientsPerMinute: { listed, said: said ?? null } });
  };
  return {
    async get(c: Context) {
      readQuery(c, NoQuery);
      return show(c, accountIn(c, accounts).id);
    },

    async set(c: Context) {
      readQuery(c, NoQuery);
      const { id } = accountIn(c, accounts);
      const { speed } = await readBodyAs(c, SpeedBody);
      valueIn(await deskOf(id).setSpeed(speed));
      return show(c, id);
    },
  };
}
