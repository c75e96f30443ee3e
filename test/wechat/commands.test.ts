import { readdirSync, readFileSync, writeFileSync } from "node:fs";
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
    ["no scene", ["--permanent"], /^BAD_REQUEST: Say --scene or --scene-id/],
    ["no time", ["--scene", "a"], /^BAD_REQUEST: .*--expires or --permanent/],
    ["both scenes", ["--scene", "a", "--scene-id", "1", "--permanent"], /--scene-id.*--scene/],
    ["both times", ["--scene", "a", "--permanent", "--expires", "60"], /--permanent.*--expires/],
    ["a number that is none", ["--scene-id", "x", "--permanent"], /--scene-id.* expected a whole number\n$/],
    ["no number of seconds", ["--scene", "a", "--expires", "1e3"], /--expires.* expected a whole number\n$/],
    [
      "a number too large",
      ["--scene-id", "100001", "--permanent"],
      /^INVALID_PARAMETER: --scene-id: expected 1 to 100000\b/,
    ],
    ["too long a scene", ["--scene", "a".repeat(65), "--permanent"], /^INVALID_PARAMETER: --scene: expected/],
    [
      "too long a time",
      ["--scene", "a", "--expires", "2592001"],
      /^INVALID_PARAMETER: --expires: expected 1 to 2592000 seconds\n$/,
    ],
  ])("refuses %s before it asks, and names the option", async (_what, args, message) => {
    const { code, stdout, stderr } = await qunfa([...create, ...args]);
    expect({ code, stdout, stderr }).toEqual({
      code: 64,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
    expect(wechat.requests).toEqual([]);
  });

  it("tells when the picture can't be had", async () => {
    wechat.answer(made);
    wechat.pictures.push((response) => response.writeHead(404).end());
    const out = join(folder, "a.jpg");
    const lost = await qunfa([...create, "--scene", "a", "--permanent", "--out", out]);
    expect(lost).toMatchObject({ code: 65, stderr: "WECHAT_REFUSED: there is no such ticket\n" });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each<[string, (inside: string) => string, number, string]>([
    ["a folder", (inside) => inside, 64, "EISDIR"],
    ["a folder that there is not", (inside) => join(inside, "none", "a.jpg"), 66, "ENOENT"],
    ["below a file", (inside) => join(inside, "old.jpg", "a.jpg"), 64, "ENOTDIR"],
    ["the standard output", () => "-", 64, "the standard output has the ticket"],
    ["the standard output by its name", () => "/dev/stdout", 64, "the standard output has the ticket"],
  ])("makes no code whose picture can't be saved: %s", async (_what, path, exit, reason) => {
    writeFileSync(join(folder, "old.jpg"), "old");
    const args = [...create, "--scene", "a", "--permanent", "--out", path(folder)];
    expect(await qunfa(args)).toEqual({ code: exit, stdout: "", stderr: expect.stringContaining(reason) });
    expect(wechat.requests).toEqual([]);
    expect(readdirSync(folder)).toEqual(["old.jpg"]);
  });

  it("keeps the picture that was there when no code is made", async () => {
    const out = join(folder, "old.jpg");
    writeFileSync(out, "old");
    wechat.answer('{"errcode":45029}');
    expect((await qunfa([...create, "--scene", "a", "--permanent", "--out", out])).code).toBe(65);
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"))).toEqual(["old"]);
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
