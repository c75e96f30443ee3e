import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CommandRig, of, openCommandRig, zh } from "./command-rig.ts";

let rig: CommandRig;
let wechat: CommandRig["wechat"];
let qunfa: CommandRig["qunfa"];
let folder: string;
beforeEach(async () => {
  rig = await openCommandRig();
  ({ wechat, qunfa, folder } = rig);
});
afterEach(() => rig.close());

const menu = {
  button: [
    { name: "今日歌曲", type: "click", key: "SONG" },
    { name: "菜单", sub_button: [{ name: "搜索", type: "view", url: "https://example.com/" }] },
  ],
};

describe("qunfa menu", () => {
  it("shows the menu, level by level, and counts those for some", async () => {
    wechat.answer(JSON.stringify({ menu, conditionalmenu: [{ ...menu, matchrule: {}, menuid: 1 }] }));
    const { code, stdout } = await qunfa(["menu", "get", ...of]);
    expect(code).toBe(0);
    for (const row of [/今日歌曲 +│ click +│ SONG/, /│ {3}搜索 +│ view +│ https:\/\/example\.com\//])
      expect(stdout).toMatch(row);
    expect(stdout).toContain("Menus for some of the followers only: 1 (1)");
  });

  it("adds a menu for some of the followers, and takes it away", async () => {
    const some = { ...menu, matchrule: { tag_id: "100" } };
    wechat.answer('{"menuid":"208379533"}');
    const added = await qunfa(["menu", "add", "-", ...of], { input: JSON.stringify(some) });
    expect(added).toMatchObject({ code: 0, stdout: "It is menu 208379533.\n" });
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/menu/addconditional", json: some });
    wechat.answer('{"errcode":0,"errmsg":"ok"}');
    expect(await qunfa(["menu", "remove", "208379533", ...of])).toMatchObject({ code: 0 });
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/menu/delconditional",
      json: { menuid: "208379533" },
    });
    expect(await qunfa(["menu", "add", "-", ...of], { input: JSON.stringify(menu) })).toMatchObject({
      code: 64,
    });
  });

  it("gives it as JSON that can be set again", async () => {
    wechat.answer(JSON.stringify({ menu }));
    const { stdout } = await qunfa(["-o", "json", "menu", "get", ...of]);
    expect(JSON.parse(stdout)).toEqual(menu);
    expect(await qunfa(["menu", "set", "-", ...of], { input: stdout })).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/menu/create", json: menu });
  });

  it("gives it so beside menus for some too, which are told on stderr, and by --conditional", async () => {
    const some = { ...menu, matchrule: { tag_id: "100" } };
    const told = JSON.stringify({ menu: { ...menu, menuid: 7 }, conditionalmenu: [{ ...some, menuid: 8 }] });
    wechat.answer(told, '{"errcode":0,"errmsg":"ok"}', told, told, JSON.stringify({ menu }));
    const { code, stdout, stderr } = await qunfa(["-o", "json", "menu", "get", ...of]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "Menus for some of the followers only: 1 (8)\n",
    });
    expect(await qunfa(["menu", "set", "-", ...of], { input: stdout })).toMatchObject({ code: 0 });
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/menu/create", json: menu });
    const forSome = await qunfa(["-o", "json", "menu", "get", "--conditional", ...of]);
    expect({ ...forSome, stdout: JSON.parse(forSome.stdout) }).toEqual({
      ...{ code: 0, stderr: "" },
      stdout: [{ ...some, menuId: "8" }],
    });
    expect((await qunfa(["menu", "get", "--conditional", ...of])).stdout).toMatch(
      /^Menu 8, for \{"tag_id":"100"\}:\n.*今日歌曲/s,
    );
    expect((await qunfa(["menu", "get", "--conditional", ...of], { env: zh })).stdout).toBe(
      "没有个性化菜单。\n",
    );
  });

  it("says that there is none, on stderr beside JSON, and what that can't be set as", async () => {
    const none = '{"errcode":46003,"errmsg":"menu no exist"}';
    wechat.answer(none, none, none);
    const json = await qunfa(["-o", "json", "menu", "get", ...of]);
    expect(json).toEqual({ code: 0, stdout: "null\n", stderr: "There is no menu.\n" });
    expect(await qunfa(["menu", "set", "-", ...of], { input: json.stdout })).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^INVALID_PARAMETER: - holds null, .* qunfa menu delete /),
    });
    expect(await qunfa(["menu", "get", ...of])).toMatchObject({ code: 0, stdout: "There is no menu.\n" });
    expect(await qunfa(["menu", "get", ...of], { env: zh })).toMatchObject({ stdout: "没有菜单。\n" });
  });

  it("sets one from a file, once all of it fits", async () => {
    const file = join(folder, "menu.json");
    writeFileSync(file, `\uFEFF${JSON.stringify(menu)}`);
    expect(await qunfa(["menu", "set", file, ...of])).toMatchObject({ code: 0, stderr: "" });
    expect(wechat.last().json).toEqual(menu);

    writeFileSync(file, JSON.stringify({ button: [{ name: "", type: "click" }], more: 1 }));
    const { code, stderr } = await qunfa(["menu", "set", file, ...of]);
    expect(code).toBe(64);
    expect(stderr).toMatch(/^INVALID_PARAMETER: button\.0\.name: .*\nbutton\.0\.key: .*\nmore: .*\n$/);
    expect(wechat.requests).toHaveLength(1);
  });

  it("asks WeChat nothing when the file is none, or no JSON", async () => {
    expect(await qunfa(["menu", "set", join(folder, "none"), ...of])).toMatchObject({ code: 66 });
    expect(await qunfa(["menu", "set", folder, ...of])).toMatchObject({ code: 64 });
    expect(await qunfa(["menu", "set", "", ...of])).toMatchObject({
      code: 66,
      stderr: 'NOT_FOUND: "": there is no such file or folder (ENOENT)\n',
    });
    expect(await qunfa(["menu", "set", "-", ...of], { input: "{" })).toMatchObject({
      code: 64,
      stderr: "BAD_REQUEST: - is not JSON.\n",
    });
    expect(wechat.requests).toEqual([]);
  });

  it("takes it away, for an account that there is", async () => {
    expect(await qunfa(["menu", "delete", ...of])).toMatchObject({ code: 0, stdout: "The menu is gone.\n" });
    expect(wechat.last().path).toBe("/cgi-bin/menu/delete");
    expect(await qunfa(["menu", "delete", "--account", "other"])).toMatchObject({
      code: 66,
      stderr: "NOT_FOUND: The accounts file has no such account, only acme.\n",
    });
    expect(wechat.requests).toHaveLength(1);
  });

  it.each([
    [
      '{"errcode":40018,"errmsg":"invalid button name size"}',
      65,
      "WECHAT_REFUSED: invalid button name size (errcode 40018)\n",
    ],
    [
      '{"errcode":48004,"errmsg":"api forbidden"}',
      75,
      "WECHAT_NOT_NOW: api forbidden (errcode 48004). Settle the violation in WeChat's console.\n",
    ],
    ["<html>", 69, "WECHAT_UNREACHABLE: the answer is not JSON\n"],
  ])("tells what WeChat says: %s", async (answer, code, stderr) => {
    wechat.answer(answer);
    expect(await qunfa(["menu", "delete", ...of])).toEqual({ code, stdout: "", stderr });
  });
});
