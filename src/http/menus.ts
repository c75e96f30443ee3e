import type { Context } from "hono";
import { z } from "zod";
import { ConditionalMenu, Menu } from "../campaign/menu.ts";
import { Failure } from "../failure.ts";
import { Buttons, Conditional, type Menus, MenuView } from "../wechat/menu.ts";
import { valueIn } from "../wechat/value-in.ts";
import { type Accounts, accountIn } from "./account.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, readQuery } from "./query.ts";
import { ASKING_WECHAT, documented } from "./route.ts";

/** The calls that this door makes of an account's menu. */
export type MenuCalls = Pick<Menus, "get" | "create" | "delete" | "addConditional" | "delConditional">;

/** The custom menu in WeChat's own words (WECHAT.md section 8); all that it would refuse is named before (422). */
export function createMenuHandlers(menusOf: (account: string) => MenuCalls, accounts: Accounts) {
  const menusIn = (c: Context): MenuCalls => {
    readQuery(c, NoQuery);
    return menusOf(accountIn(c, accounts).id);
  };
  const fails = ASKING_WECHAT;
  return {
    get: documented(
      {
        id: "getMenu",
        summary: "Shows the account's menu, and those for some of its followers.",
        tag: "Accounts",
        answers: { 200: MenuView },
        fails,
      },
      async (c) => {
        const found = valueIn(await menusIn(c).get());
        if (!found) throw new Failure("NOT_FOUND", "The account has no menu.");
        return c.json(found);
      },
    ),

    set: documented(
      {
        id: "setMenu",
        summary: "Sets the account's menu in place of the one that there is.",
        tag: "Accounts",
        body: Menu,
        answers: { 200: z.object({ menu: Buttons }) },
        fails,
      },
      async (c) => {
        const menus = menusIn(c);
        const menu = await readBodyAs(c, Menu);
        valueIn(await menus.create(menu));
        return c.json({ menu });
      },
    ),

    remove: documented(
      {
        id: "removeMenu",
        summary: "Takes the account's menu away, and with it those for some followers.",
        tag: "Accounts",
        answers: { 204: null },
        fails,
      },
      async (c) => {
        valueIn(await menusIn(c).delete());
        return c.body(null, 204);
      },
    ),

    addConditional: documented(
      {
        id: "addConditionalMenu",
        summary: "Adds a menu for some followers; of several the one added last is looked at first.",
        tag: "Accounts",
        body: ConditionalMenu,
        answers: { 201: Conditional },
        fails,
      },
      async (c) => {
        const menus = menusIn(c);
        const menu = await readBodyAs(c, ConditionalMenu);
        return c.json({ ...valueIn(await menus.addConditional(menu)), ...menu }, 201);
      },
    ),

    removeConditional: documented(
      {
        id: "removeConditionalMenu",
        summary: "Takes away a menu for some followers.",
        tag: "Accounts",
        params: { menuid: z.string().regex(/^\d{1,20}$/) },
        answers: { 204: null },
        fails,
      },
      async (c) => {
        const menus = menusIn(c);
        const id = c.req.param("menuid") ?? "";
        if (!/^\d{1,20}$/.test(id)) throw new Failure("NOT_FOUND", "There is no such menu.");
        valueIn(await menus.delConditional(id));
        return c.body(null, 204);
      },
    ),
  };
}
