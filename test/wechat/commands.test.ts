import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CapDesk } from "../../src/cli/cap.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import type { UploadDesk } from "../../src/cli/uploads.ts";
import { createMenus } from "../../src/wechat/menu.ts";
import { createQrCodes } from "../../src/wechat/qrcode.ts";
import { createTags } from "../../src/wechat/tags.ts";
import { noLists } from "../support/no-desk.ts";
import { openRecorder, type Recorder } from "./recorder.ts";

let wechat: Recorder;
let folder: string;
beforeEach(async () => {
  wechat = await openRecorder();
  folder = mkdtempSync(join(tmpdir(), "qunfa-commands-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await wechat.close();
  expect(wechat.faults).toEqual([]);
});

const zh = { LANG: "zh_CN.UTF-8" };

/** Runs `qunfa` for the account `acme` in this process, against the recorder. */
async function qunfa(args: readonly string[], { env = {}, input = "" } = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const desk = {
    menus: createMenus(wechat.parts),
    qrCodes: createQrCodes(wechat.parts),
    tags: createTags(wechat.parts),
  };
  const code = await runCommandLine(args, {
    env,
    stdin: Readable.from([input]),
    stdout,
    stderr,
    open: async () => ({
      ...({} as CapDesk & UploadDesk),
      ...noLists,
      accounts: new Map([["acme", { mpBase: "https://mp.example.com" } as never]]),
      wechatOf: () => desk,
      ...{ operate: {} as never, campaigns: {} as never },
      close: async () => {},
    }),
    openSandbox: () => Promise.reject(new Error("a sandbox was started")),
    openDoctor: () => Promise.reject(new Error("the doctor was called")),
  });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

const of = ["--account", "acme"];
const menu = {
  button: [
    { name: "今日歌曲", type: "click", key: "SONG" },
    { name: "菜单", sub_button: [{ name: "搜索", type: "view", url: "https://example.com/" }] },
  ],
};

describe("the help", () => {
  const lists = ["upload", "list", "show", "remove", "read"].map((name) => `audience ${name}`);
  const people = ["add", "remove", "list"].map((name) => `account do-not-send ${name}`);
  const own = ["menu get", "menu set", "menu delete", "menu add", "menu remove", "qrcode create", "tag list"];
  const commands = [...own, ...lists, ...people];
  it.each([...commands, "menu", "qrcode", "tag", "audience", "account do-not-send"])(
    "of %s fits a screen, in English and Chinese",
    async (name) => {
      for (const env of [{}, zh]) {
        const { code, stdout, stderr } = await qunfa([...name.split(" "), "--help"], { env });
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect(stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(25);
        expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
        expect(/\p{Script=Han}/u.test(stdout)).toBe(env === zh);
      }
    },
  );

  it.each(commands)("of %s has an example", async (name) => {
    const { stdout } = await qunfa([...name.split(" "), "--help"]);
    expect(stdout).toMatch(new RegExp(`\n {2}qunfa .*${name}\\b`));
  });
});

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

describe("qunfa qrcode create", () => {
  const create = ["qrcode", "create", ...of];
  const made = '{"ticket":"T+/=","expire_seconds":3600,"url":"http://weixin.qq.com/q/x"}';

  it("makes a code and saves its picture", async () => {
    const out = join(folder, "code.jpg");
    const picture = Buffer.from([0xff, 0xd8, 0x80, 0x00]);
    wechat.answer(made);
    wechat.pictures.push((response) => response.writeHead(200, { "content-type": "image/jpg" }).end(picture));
    const { code, stdout } = await qunfa([...create, "--scene", "展会", "--expires", "3600", "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toContain("T+/=");
    expect(readFileSync(out)).toEqual(picture);
    expect(wechat.requests[0]).toMatchObject({ path: "/cgi-bin/qrcode/create" });
    expect(JSON.parse(wechat.requests[0]?.text ?? "")).toEqual({
      expire_seconds: 3600,
      action_name: "QR_STR_SCENE",
      action_info: { scene: { scene_str: "展会" } },
    });
  });

  it("makes one for ever, of a number, without a picture", async () => {
    wechat.answer('{"ticket":"T","url":"http://weixin.qq.com/q/x"}');
    const { stdout } = await qunfa(["-o", "json", ...create, "--scene-id", "7", "--permanent"]);
    expect(JSON.parse(stdout)).toEqual({
      ...{ ticket: "T", url: "http://weixin.qq.com/q/x" },
      ...{ pictureUrl: "https://mp.example.com/cgi-bin/showqrcode?ticket=T", out: null },
    });
    expect(wechat.last().json).toMatchObject({ action_name: "QR_LIMIT_SCENE" });
  });

  it.each([
    ["no scene", ["--permanent"]],
    ["no time", ["--scene", "a"]],
    ["both scenes", ["--scene", "a", "--scene-id", "1", "--permanent"]],
    ["both times", ["--scene", "a", "--permanent", "--expires", "60"]],
    ["a number that is none", ["--scene-id", "x", "--permanent"]],
    ["a number too large", ["--scene-id", "100001", "--permanent"]],
    ["too long a time", ["--scene", "a", "--expires", "2592001"]],
  ])("refuses %s before it asks", async (_what, args) => {
    expect(await qunfa([...create, ...args])).toMatchObject({ code: 64, stdout: "" });
    expect(wechat.requests).toEqual([]);
  });

  it("tells when the picture can't be had, or can't be saved", async () => {
    const args = [...create, "--scene", "a", "--permanent", "--out"];
    wechat.answer(made, made);
    wechat.pictures.push(
      (response) => response.writeHead(404).end(),
      (response) => response.writeHead(200, { "content-type": "image/jpg" }).end("x"),
    );
    const lost = await qunfa([...args, join(folder, "a.jpg")]);
    expect(lost).toMatchObject({ code: 65, stderr: "WECHAT_REFUSED: there is no such ticket\n" });
    expect(await qunfa([...args, folder])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("EISDIR"),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("tells the ticket, and where its picture is, also when the picture can't be had", async () => {
    const args = [...create, "--scene", "a", "--permanent", "--out", join(folder, "a.jpg")];
    wechat.answer(made, made);
    wechat.pictures.push(
      (response) => response.writeHead(404).end(),
      (response) => response.writeHead(404).end(),
    );
    const address = "https://mp.example.com/cgi-bin/showqrcode?ticket=T%2B%2F%3D";
    const { code, stdout } = await qunfa(args);
    expect(code).toBe(65);
    for (const told of ["T+/=", address]) expect(stdout).toContain(told);
    expect(stdout).not.toContain("a.jpg");
    const machine = await qunfa(["-o", "json", ...args]);
    expect(JSON.parse(machine.stdout)).toMatchObject({ ticket: "T+/=", pictureUrl: address, out: null });
    expect(JSON.parse(machine.stderr)).toMatchObject({ code: "WECHAT_REFUSED" });
  });
});

describe("qunfa tag list", () => {
  it("lists the tags with their followers", async () => {
    const tags = [
      { id: 2, name: "星标组", count: 0 },
      { id: 100, name: "广东", count: 25_000 },
    ];
    wechat.answer(JSON.stringify({ tags }), JSON.stringify({ tags }));
    const { code, stdout } = await qunfa(["tag", "list", ...of]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/100 │ 广东 +│ +25,000/);
    expect(JSON.parse((await qunfa(["tag", "list", ...of, "-o", "json"])).stdout)).toEqual(tags);
  });

  it("lets neither a tag's name nor WeChat's own words steer the terminal", async () => {
    const tags = [{ id: 100, name: "广\u001b[2J\n东", count: 1 }];
    wechat.answer(JSON.stringify({ tags }), '{"errcode":45157,"errmsg":"no\\u001b[2J"}');
    expect((await qunfa(["tag", "list", ...of])).stdout).toMatch(/100 │ 广�\[2J 东 +│/);
    const { code, stderr } = await qunfa(["tag", "list", ...of]);
    expect({ code, stderr }).toEqual({ code: 65, stderr: expect.stringMatching(/no�\[2J/) });
  });
});
