import { isObject } from "./body.ts";
import type { Room } from "./call.ts";
import type { MatchRule } from "./menu.ts";
import { type Button, checkButtons, hasTooManyDomains } from "./menu-rules.ts";
import { refuse } from "./refusal.ts";
import type { AccountWorld } from "./world.ts";

const removedRules = ["sex", "country", "province", "city", "language", "group_id"];

/** The custom menu (WECHAT.md section 8). */
export const menuCalls = {
  "menu/create": ({ menu, media }, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const { button } = body.value;
    const wrong = checkButtons(button, media);
    if (wrong !== undefined) return refuse(wrong);
    menu.create(button as Button[]);
    return refuse(0);
  },

  "menu/get": ({ menu }) => {
    const found = menu.get();
    if (found === undefined) return refuse(46003);
    const { button, menuid, conditional } = found;
    if (conditional.length === 0) return { menu: { button } };
    return { menu: { button, menuid }, conditionalmenu: conditional };
  },

  "menu/delete": ({ menu }) => {
    menu.delete();
    return refuse(0);
  },

  "menu/addconditional": (world, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const { menu, media } = world;
    const { button, matchrule } = body.value;
    if (menu.get() === undefined) return refuse(65303);
    if (!Array.isArray(button) || button.length === 0) return refuse(65307);
    const rule = readRule(world, matchrule);
    if (typeof rule === "number") return refuse(rule);
    const wrong = checkButtons(button, media);
    if (wrong !== undefined) return refuse(wrong);
    if (hasTooManyDomains(button)) return refuse(65316);
    return { menuid: String(menu.addConditional(button as Button[], rule)) };
  },

  "menu/delconditional": ({ menu }, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    return refuse(menu.deleteConditional(Number(body.value.menuid)) ? 0 : 65301);
  },

  // Which platform somebody uses WeChat tells nobody; here every third uses iOS, Android or another.
  "menu/trymatch": ({ menu, followers, tags }, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const openid = String(body.value.user_id ?? "");
    const index = followers.indexOf(openid);
    if (index === undefined) return refuse(46004);
    const button = menu.match({ tag: tags.of(openid).at(-1), platform: (index % 3) + 1 });
    return button === undefined ? refuse(46003) : { button };
  },

  get_current_selfmenu_info: ({ menu }) => {
    const found = menu.get();
    if (found === undefined) return { is_menu_open: 0, selfmenu_info: { button: [] } };
    return { is_menu_open: 1, selfmenu_info: { button: found.button.map(describe) } };
  },
} satisfies Room;

/** Whom a menu is for, or the code to refuse it with. */
function readRule({ tags }: AccountWorld, rule: unknown): MatchRule | number {
  if (!isObject(rule)) return 65304;
  if (removedRules.some((name) => rule[name] !== undefined && rule[name] !== "")) return 65320;
  const { tag_id: tag = "", client_platform_type: platform = "" } = rule;
  if (tag === "" && platform === "") return 65304;
  if (tag !== "" && tags.find(Number(tag)) === undefined) return 45159;
  if (platform !== "" && ![1, 2, 3].includes(Number(platform))) return 47003;
  return {
    ...(tag === "" ? {} : { tag_id: Number(tag) }),
    ...(platform === "" ? {} : { client_platform_type: Number(platform) }),
  };
}

/** This call has the buttons below one in a list within an object. */
function describe({ sub_button: below, ...button }: Button) {
  return Array.isArray(below) && below.length > 0 ? { ...button, sub_button: { list: below } } : button;
}
