import { z } from "zod";
import type { ConditionalMenu, Menu } from "../campaign/menu.ts";
import { Id } from "./answer.ts";
import { createApi } from "./api.ts";
import type { ApiReply } from "./api-reply.ts";
import type { Call } from "./client.ts";
import { nothing } from "./nothing.ts";
import type { Tokens } from "./with-token.ts";

const NO_MENU = 46003;

/** Buttons as WeChat tells them: it may know more than the schema of a menu that we make. */
export const Buttons = z.object({ button: z.array(z.looseObject({})) });

const ToldConditional = Buttons.extend({ matchrule: z.looseObject({}), menuid: Id.optional() });

/** A menu for some followers. */
export const Conditional = Buttons.extend({ matchrule: z.looseObject({}), menuId: z.string().optional() });

const MenuAnswer = z
  .object({
    menu: Buttons.optional(),
    conditionalmenu: z.array(ToldConditional).optional(),
    errcode: z.unknown().optional(),
  })
  .refine(({ menu, errcode }) => menu !== undefined || Number(errcode) === NO_MENU, { path: ["menu"] })
  .transform(({ menu, conditionalmenu = [] }): MenuView | undefined => {
    const conditional = conditionalmenu.map(({ menuid, ...one }) => ({
      ...one,
      ...(menuid && { menuId: menuid }),
    }));
    return menu && { menu, conditional };
  });

/** The account's menu, and those for some of its followers. */
export const MenuView = z.object({ menu: Buttons, conditional: z.array(Conditional) }).meta({ id: "Menus" });
export type MenuView = z.infer<typeof MenuView>;

const Added = z.object({ menuid: Id }).transform(({ menuid }) => ({ menuId: menuid }));

/** The buttons alone or within a menu: WECHAT.md does not say which. */
const Matched = z.union([Buttons, z.object({ menu: Buttons }).transform(({ menu }) => menu)]);

export type Menus = ReturnType<typeof createMenus>;

/** The custom menu of one account (WECHAT.md section 8). Phones look for a new one every 5 minutes. */
export function createMenus(parts: { call: Call; token: Tokens }) {
  const { ask } = createApi(parts);
  const post = <Value>(name: string, body: object, schema: z.ZodType<Value>) =>
    ask({ path: `/cgi-bin/menu/${name}`, body: JSON.stringify(body) }, schema);

  return {
    /** In place of the menu that there is. */
    create(menu: Menu): Promise<ApiReply<undefined>> {
      return post("create", menu, nothing);
    },

    /** Undefined when there is none. */
    get(): Promise<ApiReply<MenuView | undefined>> {
      return ask({ path: "/cgi-bin/menu/get", readable: [NO_MENU] }, MenuAnswer);
    },

    /** With it go all conditional menus. */
    delete(): Promise<ApiReply<undefined>> {
      return ask({ path: "/cgi-bin/menu/delete" }, nothing);
    },

    /** Only beside a menu for everybody (65303). Made again, the same menu is there twice. */
    addConditional(menu: ConditionalMenu): Promise<ApiReply<{ readonly menuId: string }>> {
      return post("addconditional", menu, Added);
    },

    delConditional(menuId: string): Promise<ApiReply<undefined>> {
      return post("delconditional", { menuid: menuId }, nothing);
    },

    /** The buttons that a follower sees, by OpenID or WeChat id. */
    tryMatch(userId: string): Promise<ApiReply<z.infer<typeof Buttons>>> {
      return post("trymatch", { user_id: userId }, Matched);
    },
  };
}
