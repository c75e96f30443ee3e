import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Menu } from "../../src/campaign/menu.ts";
import { createMenus } from "../../src/wechat/menu.ts";
import { openRecorder, type Recorder } from "./recorder.ts";

let wechat: Recorder;
let menus: ReturnType<typeof createMenus>;
beforeEach(async () => {
  wechat = await openRecorder();
  menus = createMenus(wechat.parts);
});
afterEach(async () => {
  await wechat.close();
  expect(wechat.faults).toEqual([]);
});

const menu = Menu.parse({
  button: [
    { name: "今日歌曲", type: "click", key: "SONG" },
    { name: "菜单", sub_button: [{ name: "搜索", type: "view", url: "https://example.com/?q=群发&a=1" }] },
  ],
});
const done = (value: unknown) => ({ kind: "done", value });

describe("a menu", () => {
  it("is created as it is, in raw UTF-8", async () => {
    expect(await menus.create(menu)).toEqual(done(undefined));
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/menu/create", text: JSON.stringify(menu) });
    expect(wechat.last().text).toContain("群发");
  });

  it("is told with those for some, whatever WeChat adds to it", async () => {
    const conditional = { button: menu.button, matchrule: { tag_id: "100" } };
    wechat.answer(
      JSON.stringify({
        menu: { ...menu, menuid: 208396938 },
        conditionalmenu: [{ ...conditional, menuid: 208396993 }, conditional],
      }),
    );
    expect(await menus.get()).toEqual(
      done({ menu, conditional: [{ ...conditional, menuId: "208396993" }, conditional] }),
    );
    expect(wechat.last().path).toBe("/cgi-bin/menu/get");
  });

  it("may not be there", async () => {
    wechat.answer('{"errcode":46003,"errmsg":"menu no exist hint: [x]"}', "{}");
    expect(await menus.get()).toEqual(done(undefined));
    expect(await menus.get()).toMatchObject({ kind: "unclear" });
  });

  it("is deleted by a GET", async () => {
    expect(await menus.delete()).toEqual(done(undefined));
    expect(wechat.last().path).toBe("/cgi-bin/menu/delete");
  });

  it("is refused with WeChat's words", async () => {
    wechat.answer('{"errcode":40018,"errmsg":"invalid button name size rid: 60af6d7c-24c5c6b9"}');
    expect(await menus.create(menu)).toEqual({
      kind: "refused",
      error: { errcode: 40018, message: "invalid button name size", rid: "60af6d7c-24c5c6b9" },
    });
  });
});

describe("a menu for some", () => {
  it.each(["208379533", "90261533849829378"])(
    "is added under the id %s, and taken away by it",
    async (menuId) => {
      const conditional = { ...menu, matchrule: { client_platform_type: 2 as const } };
      wechat.answer(`{"menuid":${menuId}}`);
      expect(await menus.addConditional(conditional)).toEqual(done({ menuId }));
      expect(wechat.last()).toMatchObject({ path: "/cgi-bin/menu/addconditional", json: conditional });
      expect(await menus.delConditional(menuId)).toEqual(done(undefined));
      expect(wechat.last()).toMatchObject({
        path: "/cgi-bin/menu/delconditional",
        text: `{"menuid":"${menuId}"}`,
      });
    },
  );

  it("can be tried, whether or not the answer has a menu around the buttons", async () => {
    wechat.answer(JSON.stringify(menu), JSON.stringify({ menu }));
    expect(await menus.tryMatch("my-id")).toEqual(done(menu));
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/menu/trymatch", json: { user_id: "my-id" } });
    expect(await menus.tryMatch("my-id")).toEqual(done(menu));
  });
});
