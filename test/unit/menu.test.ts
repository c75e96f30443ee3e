import { describe, expect, test } from "vitest";
import { ConditionalMenu, Menu } from "../../src/campaign/menu.ts";

const click = { name: "歌", type: "click", key: "SONG" };
const leaves: object[] = [
  click,
  { name: "网", type: "view", url: "https://example.com/路?a=1" },
  ...["scancode_push", "scancode_waitmsg", "pic_sysphoto"].map((type) => ({ name: "按", type, key: "K" })),
  ...["pic_photo_or_album", "pic_weixin", "location_select"].map((type) => ({ name: "按", type, key: "K" })),
  { name: "图", type: "media_id", media_id: "MEDIA" },
  { name: "文", type: "view_limited", media_id: "MEDIA" },
  {
    name: "程",
    type: "miniprogram",
    url: "https://example.com",
    appid: "wx286b93c14bbf93aa",
    pagepath: "pages/a",
  },
  { name: "文", type: "article_id", article_id: "ARTICLE" },
  { name: "文", type: "article_view_limited", article_id: "ARTICLE" },
];

const issuesOf = (menu: unknown) =>
  Menu.safeParse(menu).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
const pathsOf = (menu: unknown) => Menu.safeParse(menu).error?.issues.map(({ path }) => path.join(".")) ?? [];

describe("a menu", () => {
  test.each(leaves)("takes a button %j, at the top and below one", (leaf) => {
    for (const menu of [{ button: [leaf] }, { button: [{ name: "更多", sub_button: [leaf] }] }])
      expect(Menu.parse(menu)).toEqual(menu);
  });

  test("has three buttons at the top, five below each, at most", () => {
    const full = { name: "更多", sub_button: Array(5).fill(click) };
    expect(pathsOf({ button: [full, full, full] })).toEqual([]);
    expect(pathsOf({ button: Array(4).fill(click) })).toEqual(["button"]);
    expect(pathsOf({ button: [] })).toEqual(["button"]);
    expect(pathsOf({ button: [{ name: "更多", sub_button: Array(6).fill(click) }] })).toEqual([
      "button.0.sub_button",
    ]);
  });

  test("counts bytes: 16 of a name at the top, 60 below, 128 of a key, 1024 of an address", () => {
    const name = (bytes: number) => "群".repeat(Math.floor(bytes / 3)) + "a".repeat(bytes % 3);
    const address = (bytes: number) => `https://a.cn/${"x".repeat(bytes - 13)}`;
    const menuOf = (top: number, sub: number, key: number, url: number) => ({
      button: [
        { ...click, name: name(top), key: name(key) },
        { name: name(top), sub_button: [{ name: name(sub), type: "view", url: address(url) }] },
      ],
    });
    expect(issuesOf(menuOf(16, 60, 128, 1024))).toEqual([]);
    expect(pathsOf(menuOf(17, 61, 129, 1025))).toEqual([
      "button.0.name",
      "button.0.key",
      "button.1.name",
      "button.1.sub_button.0.name",
      "button.1.sub_button.0.url",
    ]);
  });

  test("has two levels", () => {
    const deep = { name: "更多", sub_button: [{ name: "再", sub_button: [click] }] };
    expect(pathsOf({ button: [deep] })).toEqual(["button.0.sub_button.0.type"]);
  });

  test("has every wrong thing named at once", () => {
    const menu = {
      button: [
        { name: "", type: "click" },
        { name: "坏\u0000", type: "view", url: "no address" },
        {
          name: "更多",
          type: "click",
          key: "K",
          sub_button: [
            { name: "程", type: "miniprogram", url: "https://a.cn", appid: "wxABC", pagepath: "" },
            { name: "？", type: "photo", key: "K" },
            { ...click, url: "https://a.cn" },
            "no button",
          ],
        },
      ],
    };
    expect(issuesOf(menu)).toEqual([
      "button.0.name: expected some text",
      "button.0.key: is missing",
      "button.1.name: expected text without control characters",
      "button.1.url: expected an address",
      "button.2.type: a button with sub_button has no type",
      "button.2.sub_button.0.appid: expected an appid in lower case",
      "button.2.sub_button.0.pagepath: expected some text",
      expect.stringMatching(/^button\.2\.sub_button\.1\.type: expected one of click, view, /),
      'button.2.sub_button.2: Unrecognized key: "url"',
      "button.2.sub_button.3: expected a button",
      'button.2: Unrecognized key: "key"',
    ]);
  });

  test("can be read from menu/get and set again: empty sub_buttons are left out", () => {
    expect(Menu.parse({ button: [{ ...click, sub_button: [] }] })).toEqual({ button: [click] });
  });
});

describe("a menu for some", () => {
  const conditional = (matchrule: unknown, hosts: string[] = []) =>
    ConditionalMenu.safeParse({
      button: [
        click,
        ...(hosts.length > 0
          ? [
              {
                name: "网",
                sub_button: hosts.map((host) => ({ name: "网", type: "view", url: `https://${host}/` })),
              },
            ]
          : []),
      ],
      matchrule,
    }).error?.issues.map(({ path }) => path.join(".")) ?? [];

  test("is for a tag, a kind of phone or both", () => {
    expect(conditional({ tag_id: 100 })).toEqual([]);
    expect(conditional({ client_platform_type: 2 })).toEqual([]);
    expect(conditional({ tag_id: "100", client_platform_type: "3" })).toEqual([]);
    expect(conditional({})).toEqual(["matchrule"]);
    expect(conditional(undefined)).toEqual(["matchrule"]);
    expect(conditional({ client_platform_type: 4, tag_id: "x" })).toEqual([
      "matchrule.tag_id",
      "matchrule.client_platform_type",
    ]);
    expect(conditional({ tag_id: 1, sex: 1 })).toEqual(["matchrule"]);
  });

  test("leads to three domains at most, hosts of one domain counted once", () => {
    expect(conditional({ tag_id: 1 }, ["a.cn", "www.a.cn", "b.cn", "c.cn"])).toEqual([]);
    expect(conditional({ tag_id: 1 }, ["a.cn", "b.cn", "c.cn", "d.cn"])).toEqual(["button"]);
  });
});
