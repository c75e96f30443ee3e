import { describe, expect, it } from "vitest";
import { fileOf, followers, type Json, openRig } from "./rig.ts";

const click = (change: Json = {}) => ({ type: "click", name: "今日", key: "TODAY", ...change });
const view = (host: string) => ({ type: "view", name: "看", url: `https://${host}/` });
const below = (...sub_button: Json[]) => ({ name: "更多", sub_button });

describe("menu/create", () => {
  it.each([
    ["click", { key: "K" }],
    ["view", { url: "https://a.example/" }],
    ["scancode_push", { key: "K" }],
    ["scancode_waitmsg", { key: "K" }],
    ["pic_sysphoto", { key: "K" }],
    ["pic_photo_or_album", { key: "K" }],
    ["pic_weixin", { key: "K" }],
    ["location_select", { key: "K" }],
    ["media_id", { media_id: "picture" }],
    ["view_limited", { media_id: "news" }],
    ["miniprogram", { url: "https://a.example/", appid: "wx286b93c14bbf93aa", pagepath: "pages/a" }],
    ["article_id", { article_id: "article" }],
    ["article_view_limited", { article_id: "article" }],
  ])("takes a button of type %s", async (type, fields) => {
    const { call } = await openRig();
    const button = [{ type, name: "键", ...fields }];
    expect(await call("menu/create", { button })).toMatchObject({ errcode: 0 });
    expect(await call("menu/get")).toEqual({ menu: { button } });
  });

  it("takes three buttons with five below, names and keys as long as they may be", async () => {
    const { call } = await openRig();
    const longest = click({ name: "名".repeat(20), key: "k".repeat(128) });
    const top = { name: `${"名".repeat(5)}x`, sub_button: Array(5).fill(longest) };
    const url = `https://a.example/${"x".repeat(1024 - 18)}`;
    expect(await call("menu/create", { button: [top, top, { ...view("a.example"), url }] })).toMatchObject({
      errcode: 0,
    });
  });

  it.each([
    ["no button", [], 40016],
    ["no list", undefined, 40016],
    ["four buttons", Array(4).fill(click()), 40016],
    ["six below one", [below(...Array(6).fill(click()))], 40023],
    ["a third level", [below(below(click()))], 40022],
    ["no name", [click({ name: "" })], 40018],
    ["a top name of 17 bytes", [click({ name: `${"名".repeat(5)}xx` })], 40018],
    ["a top name that is too long over others", [{ ...below(click()), name: "名".repeat(6) }], 40018],
    ["a name of 61 bytes below", [below(click({ name: `${"名".repeat(20)}x` }))], 40025],
    ["an unknown type", [click({ type: "shake" })], 40017],
    ["no type", [click({ type: undefined })], 40017],
    ["an unknown type below", [below(click({ type: "shake" }))], 40024],
    ["a key of 129 bytes", [click({ key: "k".repeat(129) })], 40019],
    ["no key", [click({ key: undefined })], 40019],
    ["a key of 129 bytes below", [below(click({ key: "k".repeat(129) }))], 40026],
    ["a url of 1025 bytes", [{ ...view("a.example"), url: `https://a.example/${"x".repeat(1007)}` }], 40020],
    ["what is no url", [{ ...view("a.example"), url: "a.example" }], 40020],
    ["what is no url below", [below({ ...view("a.example"), url: "a.example" })], 40027],
    ["a media id that is too long", [{ type: "media_id", name: "图", media_id: "x".repeat(129) }], 40117],
    [
      "one that is too long below",
      [below({ type: "media_id", name: "图", media_id: "x".repeat(129) })],
      40118,
    ],
    ["a media id that is missing", [{ type: "media_id", name: "图", media_id: "missing" }], 40007],
    ["no article", [{ type: "article_id", name: "文" }], 53600],
    [
      "a mini-program in upper case",
      [{ type: "miniprogram", name: "程", url: "https://a.example/", appid: "WX1", pagepath: "p" }],
      47003,
    ],
  ])("refuses %s", async (_what, button, errcode) => {
    const { call } = await openRig();
    expect(await call("menu/create", { button })).toMatchObject({ errcode });
  });

  it("refuses text that is escaped instead of raw", async () => {
    const { call } = await openRig();
    const body = '{"button":[{"type":"click","name":"\\u4e2d","key":"K"}]}';
    expect(await call("menu/create", body)).toMatchObject({ errcode: 40033 });
  });

  it("refuses a voice to look at", async () => {
    const { call, upload } = await openRig();
    const { media_id } = await upload("material/add_material?type=voice", fileOf("mp3"));
    const button = [{ type: "view_limited", name: "听", media_id }];
    expect(await call("menu/create", { button })).toMatchObject({ errcode: 40121 });
  });
});

describe("menu/get and delete", () => {
  it("know that there is none", async () => {
    const { call } = await openRig();
    expect(await call("menu/get")).toMatchObject({ errcode: 46003 });
    await call("menu/create", { button: [click()] });
    await call("menu/addconditional", { button: [click()], matchrule: { tag_id: "100" } });
    expect(await call("menu/delete")).toMatchObject({ errcode: 0 });
    expect(await call("menu/get")).toMatchObject({ errcode: 46003 });
    await call("menu/create", { button: [click()] });
    expect(await call("menu/get")).not.toHaveProperty("conditionalmenu");
  });

  it("ask for the right verb", async () => {
    const { call } = await openRig();
    expect(await call("menu/get", {})).toMatchObject({ errcode: 43001 });
    expect(await call("menu/create")).toMatchObject({ errcode: 43002 });
  });
});

describe("get_current_selfmenu_info", () => {
  it("has another shape: lists within objects", async () => {
    const { call } = await openRig();
    expect(await call("get_current_selfmenu_info")).toMatchObject({ is_menu_open: 0 });
    await call("menu/create", { button: [click(), below(view("a.example"))] });
    expect(await call("get_current_selfmenu_info")).toEqual({
      is_menu_open: 1,
      selfmenu_info: { button: [click(), { name: "更多", sub_button: { list: [view("a.example")] } }] },
    });
  });
});

describe("conditional menus", () => {
  const named = (name: string) => [click({ name })];
  const openWithMenu = async () => {
    const rig = await openRig();
    await rig.call("menu/create", { button: named("默认") });
    return rig;
  };

  it("show to whom they are for; the newest that fits decides", async () => {
    const { call } = await openWithMenu();
    const [vip = "", android = "", other = ""] = followers(0, 3);
    const match = (user_id: string) => call("menu/trymatch", { user_id });
    const forTag = { button: named("贵宾"), matchrule: { tag_id: 100 } };
    const { menuid } = await call("menu/addconditional", forTag);
    await call("menu/addconditional", { button: named("安卓"), matchrule: { client_platform_type: "2" } });
    expect(await match(vip)).toEqual({ button: named("贵宾") });
    expect(await match(android)).toEqual({ button: named("安卓") });
    expect(await match(other)).toEqual({ button: named("默认") });
    await call("menu/addconditional", { button: named("新贵"), matchrule: { tag_id: "100" } });
    expect(await match(vip)).toEqual({ button: named("新贵") });
    const { menu, conditionalmenu } = await call("menu/get");
    expect(menu).toMatchObject({ button: named("默认"), menuid: expect.any(Number) });
    expect(conditionalmenu).toHaveLength(3);
    expect(await call("menu/delconditional", { menuid })).toMatchObject({ errcode: 0 });
    expect(await call("menu/delconditional", { menuid })).toMatchObject({ errcode: 65301 });
  });

  it("go by the last tag of somebody who has several", async () => {
    const { call } = await openWithMenu();
    const [vip = ""] = followers(0, 1);
    await call("menu/addconditional", { button: named("贵宾"), matchrule: { tag_id: 100 } });
    await call("tags/members/batchtagging", { tagid: 102, openid_list: [vip] });
    expect(await call("menu/trymatch", { user_id: vip })).toEqual({ button: named("默认") });
  });

  it("need a default menu", async () => {
    const { call } = await openRig();
    const body = { button: named("x"), matchrule: { tag_id: 100 } };
    expect(await call("menu/addconditional", body)).toMatchObject({ errcode: 65303 });
    expect(await call("menu/trymatch", { user_id: followers(0, 1)[0] })).toMatchObject({ errcode: 46003 });
    expect(await call("menu/trymatch", { user_id: "x" })).toMatchObject({ errcode: 46004 });
  });

  it.each([
    ["no button", { button: [] }, 65307],
    ["no rule", { matchrule: undefined }, 65304],
    ["an empty rule", { matchrule: {} }, 65304],
    ["a rule about the sex", { matchrule: { tag_id: 100, sex: "1" } }, 65320],
    ["a rule about the city", { matchrule: { city: "广州" } }, 65320],
    ["a tag that is not there", { matchrule: { tag_id: 999 } }, 45159],
    ["a platform that is none", { matchrule: { client_platform_type: 4 } }, 47003],
    ["a wrong button", { button: [click({ type: "shake" })] }, 40017],
    ["four hosts", { button: [below(...["a", "b", "c", "d"].map((one) => view(`${one}.example`)))] }, 65316],
  ])("refuse %s", async (_what, change: Json, errcode) => {
    const { call } = await openWithMenu();
    const body = { button: named("x"), matchrule: { tag_id: 100 }, ...change };
    expect(await call("menu/addconditional", body)).toMatchObject({ errcode });
  });
});
