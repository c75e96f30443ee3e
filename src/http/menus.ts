import type { Context } from "hono";
import { ConditionalMenu, Menu } from "../campaign/menu.ts";
import { Failure } from "../failure.ts";
import type { Menus } from "../wechat/menu.ts";
import { valueIn } from "../wechat/value-in.ts";
import { type Accounts, accountIn } from "./account.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, readQuery } from "./query.ts";

/** The calls that this door makes of an account's menu. */
export type MenuCalls = Pick<Menus, "get" | "create" | "delete" | "addConditional" | "delConditional">;

/** The custom menu in WeChat's own words (WECHAT.md section 8); all that it would refuse is named before (422). */
export function createMenuHandlers(menusOf: (account: string) => MenuCalls, accounts: Accounts) {
  const menusIn = (c: Context): MenuCalls => {
    readQuery(c, NoQuery);
    return menusOf(accountIn(c, accounts).id);
  };
  return {
    async get(c: Context) {
      const found = valueIn(await menusIn(c).get());
      if (!found) throw new Failure("NOT_FOUND", "The account has no menu.");
      return c.json(found);
    },

    /** In place of the one that there is. */
    async set(c: Context) {
      const menus = menusIn(c);
      const menu = await readBodyAs(c, Menu);
      valueIn(await menus.create(menu));
      return c.json({ menu });
    },

    /** With it go those for some followers. */
    async remove(c: Context) {
      valueIn(await menusIn(c).delete());
      return c.body(null, 204);
    },

    async addConditional(c: Context) {
      const menus = menusIn(c);
      const menu = await readBodyAs(c, ConditionalMenu);
      return c.json({ ...valueIn(await menus.addConditional(menu)), ...menu }, 201);
    },

    async removeConditional(c: Context) {
      const menus = menusIn(c);
      const id = c.req.param("menuid") ?? "";
      if (!/^\d{1,20}$/.test(id)) throw new Failure("NOT_FOUND", "There is no such menu.");
      valueIn(await menus.delConditional(id));
      return c.body(null, 204);
    },
  };
}
