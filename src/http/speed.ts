import type { Context } from "hono";
import { z } from "zod";
import { type MassDesk, Speed } from "../wechat/mass-desk.ts";
import { valueIn } from "../wechat/value-in.ts";
import { type Accounts, accountIn } from "./account.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, readQuery } from "./query.ts";
import { ASKING_WECHAT, documented } from "./route.ts";

const expected = "expected 0 to 4, 0 being the fastest";
const SpeedBody = z.strictObject({ speed: z.literal([0, 1, 2, 3, 4], expected) });

const SpeedView = z
  .object({
    account: z.string(),
    speed: Speed,
    recipientsPerMinute: z.object({
      listed: z.int().describe("By WeChat's table."),
      said: z.int().nullable().describe("By WeChat's answer."),
    }),
  })
  .meta({ id: "Speed" });
type SpeedView = z.infer<typeof SpeedView>;

/** How fast WeChat sends an account's messages: all of them, until it is set again (WECHAT.md section 2.7). */
export function createSpeedHandlers(
  deskOf: (account: string) => Pick<MassDesk, "getSpeed" | "setSpeed">,
  accounts: Accounts,
) {
  const show = async (c: Context, id: string) => {
    const { speed, listed, said } = valueIn(await deskOf(id).getSpeed());
    const answer: SpeedView = { account: id, speed, recipientsPerMinute: { listed, said: said ?? null } };
    return c.json(answer);
  };
  return {
    get: documented(
      {
        id: "getSpeed",
        summary: "Tells how fast WeChat sends the account's messages.",
        tag: "Accounts",
        answers: { 200: SpeedView },
        fails: ASKING_WECHAT,
      },
      async (c) => {
        readQuery(c, NoQuery);
        return show(c, accountIn(c, accounts).id);
      },
    ),

    set: documented(
      {
        id: "setSpeed",
        summary: "Sets how fast WeChat sends the account's messages: all of them, until it is set again.",
        tag: "Accounts",
        body: SpeedBody,
        answers: { 200: SpeedView },
        fails: ASKING_WECHAT,
      },
      async (c) => {
        readQuery(c, NoQuery);
        const { id } = accountIn(c, accounts);
        const { speed } = await readBodyAs(c, SpeedBody);
        valueIn(await deskOf(id).setSpeed(speed));
        return show(c, id);
      },
    ),
  };
}
