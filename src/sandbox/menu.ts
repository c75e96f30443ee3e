import { allButtons, type Button } from "./menu-rules.ts";

export type MatchRule = { readonly tag_id?: number; readonly client_platform_type?: number };
export type ConditionalMenu = { button: readonly Button[]; matchrule: MatchRule; menuid: number };

const firstId = 400_000_000;

export type Menu = ReturnType<typeof createMenu>;

/** The menus of one account: the default one, and those for some of its followers (WECHAT.md section 8). */
export function createMenu() {
  let button: readonly Button[] | undefined;
  let conditional: ConditionalMenu[] = [];
  let lastId = firstId;
  let menuid = firstId;
  return {
    get: () => (button === undefined ? undefined : { button, menuid, conditional }),
    create(buttons: readonly Button[]): void {
      button = buttons;
      menuid = ++lastId;
    },
    /** With the default menu go all others. */
    delete(): void {
      button = undefined;
      conditional = [];
    },
    addConditional(buttons: readonly Button[], matchrule: MatchRule): number {
      const menuid = ++lastId;
      conditional.push({ button: buttons, matchrule, menuid });
      return menuid;
    },
    deleteConditional(menuid: number): boolean {
      const before = conditional.length;
      conditional = conditional.filter((menu) => menu.menuid !== menuid);
      return conditional.length < before;
    },
    /** The newest menu whose rule fits decides. */
    match: (user: { tag: number | undefined; platform: number }): readonly Button[] | undefined =>
      conditional.findLast(
        ({ matchrule: { tag_id: tag = user.tag, client_platform_type: platform = user.platform } }) =>
          tag === user.tag && platform === user.platform,
      )?.button ?? button,
    uses: (mediaId: string): boolean =>
      [button ?? [], ...conditional.map((menu) => menu.button)].some((buttons) =>
        allButtons(buttons).some((one) => one.media_id === mediaId),
      ),
  };
}
