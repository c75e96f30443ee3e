import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { Failure } from "../../src/failure.ts";
import { articles, type DeskRig, openDeskRig } from "../http/desk-rig.ts";
import { noLists, noOperations } from "../support/no-desk.ts";

const zh = { LANG: "zh_CN.UTF-8" };
const of = ["--account", "acme"];

/** Runs `qunfa` in this process; without a desk it must not get as far as to open one. */
async function qunfa(desk: DeskRig | undefined, args: readonly string[], { env = {}, input = "" } = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runCommandLine(args, {
    env,
    stdin: Readable.from(input === "" ? [] : [input]),
    stdout,
    stderr,
    open: async () => {
      if (!desk) throw new Failure("REDIS_AWAY", "it was opened");
      const { rig, acme, wechatOf } = desk;
      const accounts = new Map([["acme", acme]]);
      const caps = { ...rig, ...noLists, ...noOperations, bookings: {} as never, close: async () => {} };
      return { ...caps, accounts, wechatOf, operate: desk.desk };
    },
    openSandbox: () => Promise.reject(new Error("a sandbox was started")),
    openDoctor: () => Promise.reject(new Error("the doctor was called")),
  });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

const columns = (stdout: string) => stdout.split("\n").map((line) => line.replace(/ +/g, " "));

describe("the help", () => {
  const commands = ["preview", "campaign recall", "account speed", "account quota"];

  test.for(commands)("of %s fits a screen, has an example, and needs no Redis", async (command) => {
    for (const env of [{}, zh]) {
      const { code, stdout } = await qunfa(undefined, [...command.split(" "), "--help"], { env });
      expect(code).toBe(0);
      expect(stdout).toContain(`\n  qunfa ${command} `);
      expect(stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(25);
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(/\p{Script=Han}/u.test(stdout)).toBe(env === zh);
    }
  });
});

describe("wrong input ends before anything is opened", () => {
  test.for<[string, string[], string, RegExp]>([
    ["a preview of nothing", ["preview", ...of, "--wxname", "zhangsan"], "", /^BAD_REQUEST: .*--text/],
    ["a preview for nobody", ["preview", ...of, "--text", "x"], "", /^BAD_REQUEST: .*--openid/],
    [
      "a preview for two",
      ["preview", ...of, "--text", "x", "--openid", "o", "--wxname", "w"],
      "",
      /^BAD_REQUEST: /,
    ],
    ["what is no JSON", ["preview", "-", ...of, "--wxname", "w"], "{", /^BAD_REQUEST: - is not JSON\.\n$/],
    [
      "several pictures",
      ["preview", "-", ...of, "--wxname", "w"],
      '{"msgtype":"image","images":{"media_ids":["m"]}}',
      /^INVALID_PARAMETER: images: .*single picture/,
    ],
    [
      "a message that there can't be yet",
      ["preview", "-", ...of, "--wxname", "w"],
      '{"msgtype":"mpnews","articles":[]}',
      /^INVALID_PARAMETER: -: not yet: content/,
    ],
    [
      "what can't be an OpenID",
      ["preview", ...of, "--text", "x", "--openid", "bad"],
      "",
      /^INVALID_PARAMETER: --openid: an OpenID: 20 to 64 characters/,
    ],
    [
      "an empty text, for what can't be a WeChat id",
      ["preview", ...of, "--text", "", "--wxname", "a b"],
      "",
      /^INVALID_PARAMETER: --text: expected some text\n--wxname: expected a WeChat id\n$/,
    ],
    [
      "an article that is none",
      ["campaign", "recall", "x", "--article", "9"],
      "",
      /^BAD_REQUEST: .*1 to 8\n$/,
    ],
    ["a speed that is none", ["account", "speed", ...of, "--set", "5"], "", /^BAD_REQUEST: .*0 to 4\n$/],
    ["no account", ["account", "quota"], "", /^BAD_REQUEST: .*: qunfa account quota acme\.\n$/],
    ["no account for a speed", ["account", "speed"], "", /^BAD_REQUEST: .*: qunfa account speed acme\.\n$/],
    [
      "two accounts",
      ["account", "speed", "acme", "--account", "shop"],
      "",
      /^BAD_REQUEST: Say which account/,
    ],
    ["to refresh and to clear", ["account", "quota", ...of, "--refresh", "--clear"], "", /^BAD_REQUEST: /],
  ])("%s", async ([_what, args, input, message]) => {
    const { code, stdout, stderr } = await qunfa(undefined, args, { input });
    expect({ code, stdout, stderr }).toEqual({
      code: 64,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
  });
});

describe("qunfa preview", () => {
  test("shows a text or a message, and says how many are left", async () => {
    const desk = await openDeskRig();
    const shown = await qunfa(desk, ["preview", ...of, "--text", "你好", "--wxname", "zhangsan"]);
    expect(shown).toEqual({ code: 0, stdout: "Shown. Previews left today: 99\n", stderr: "" });
    const input = '\uFEFF{"msgtype":"mpnews","mpnews":{"media_id":"m"}}';
    const json = await qunfa(desk, ["-o", "json", "preview", "-", ...of, "--openid", desk.openid], { input });
    expect(JSON.parse(json.stdout)).toEqual({ account: "acme", left: 98 });
    const reader = await qunfa(desk, ["preview", ...of, "--text", "x", "--wxname", "zhangsan"], { env: zh });
    expect(reader.stdout).toBe("已发送预览。今日剩余预览次数：97\n");
  });

  test("names the option of an account that there is not", async () => {
    const args = ["preview", "--account", "nobody", "--text", "x", "--wxname", "zhangsan"];
    expect(await qunfa(await openDeskRig(), args)).toEqual({
      ...{ code: 64, stdout: "" },
      stderr: "INVALID_PARAMETER: --account: expected an account of the accounts file\n",
    });
  });

  test("ends with the exit code of what went wrong, and names nobody", async () => {
    const desk = await openDeskRig({ limits: { previewCallsPerDay: 1 } });
    const args = ["preview", ...of, "--text", "x", "--openid", desk.stranger];
    const refused = await qunfa(desk, args);
    expect(refused).toMatchObject({
      code: 65,
      stdout: "",
      stderr: expect.stringMatching(/^WECHAT_REFUSED: .*43004/),
    });
    expect(await qunfa(desk, args)).toMatchObject({
      code: 75,
      stderr: expect.stringMatching(/^QUOTA_SPENT: /),
    });
    const reader = await qunfa(desk, args, { env: zh });
    expect(reader.stderr).toMatch(/^QUOTA_SPENT: 今日或本分钟的调用次数已用完：/);
    expect(refused.stderr).not.toContain(desk.stranger);
  });
});

describe("qunfa campaign recall", () => {
  const recall = ["campaign", "recall", "offer"];

  test("shows what it would do and asks; a no does nothing, a yes all of it", async () => {
    const desk = await openDeskRig();
    const [msgId] = await desk.sent("offer", [articles("one"), articles("two")]);
    await desk.sent("twin", [articles("one")]);
    const no = await qunfa(desk, recall, { input: "n\n" });
    expect(no).toMatchObject({ code: 4, stdout: "Nothing was done.\n" });
    expect(columns(no.stderr)).toEqual(
      expect.arrayContaining([
        `│ 1 │ ${msgId} │ to be recalled │`,
        "Calls needed: 2; left today: 10",
        "Of the same material, and deleted too: twin",
        "Recall? [y/N] ",
      ]),
    );
    expect(await desk.arrived("mass/delete")).toBe(0);

    const yes = await qunfa(desk, recall, { input: "y\n" });
    expect(yes).toMatchObject({ code: 0, stdout: expect.stringMatching(/All is recalled\.\n$/) });
    expect(await desk.status(String(msgId))).toBe("DELETE");
    // Nothing is left to ask about.
    expect(await qunfa(desk, recall, { env: zh })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/已全部删除。\n$/),
    });
    expect(await desk.arrived("mass/delete")).toBe(2);
  });

  test("does nothing where nobody can be asked", async () => {
    const desk = await openDeskRig();
    await desk.sent("offer", [articles("one")]);
    expect(await qunfa(desk, recall)).toMatchObject({
      code: 64,
      stdout: "",
      stderr: expect.stringMatching(/BAD_REQUEST: .*--yes\.\n$/),
    });
    expect(await desk.arrived("mass/delete")).toBe(0);
  });

  test("with --yes asks nobody, and tells a machine what is done and what is left", async () => {
    const desk = await openDeskRig({ limits: { deleteCallsPerDay: 1 } });
    await desk.sent("offer", [articles("one"), articles("two")]);
    const { code, stdout, stderr } = await qunfa(desk, ["-o", "json", ...recall, "--article", "1", "--yes"]);
    expect({ code, stderr }).toEqual({ code: 75, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      done: false,
      articleIdx: 1,
      messages: [{ recalledAt: "2031-03-04T04:00:00.000Z" }, { recalledAt: null }],
      stopped: { reason: "daily-quota", error: { code: "RECALL_STOPPED" } },
      deletes: { needed: 1, left: 0 },
    });
  });

  test("says with its exit code what can't be done", async () => {
    const desk = await openDeskRig();
    expect(await qunfa(desk, [...recall, "--yes"])).toMatchObject({ code: 66 });
    await desk.rig.plan("offer", [2]);
    const going = await qunfa(desk, recall);
    expect(going).toMatchObject({ code: 65, stdout: "" });
    expect(going.stderr).toContain("The campaign still sends: cancel it first.");
    expect(going.stderr).toMatch(/\nILLEGAL_MOVE: /);
  });
});

describe("qunfa account", () => {
  test("speed shows it and sets it", async () => {
    const desk = await openDeskRig();
    const { stdout } = await qunfa(desk, ["account", "speed", ...of, "--set", "3"]);
    expect(columns(stdout)).toContain("│ 3 │ 300,000 │ 300,000 │");
    const json = await qunfa(desk, ["-o", "json", "account", "speed", "acme"]);
    expect(JSON.parse(json.stdout)).toEqual({
      account: "acme",
      speed: 3,
      recipientsPerMinute: { listed: 300_000, said: 300_000 },
    });
    expect(await qunfa(desk, ["account", "speed", "--account", "x"])).toMatchObject({ code: 66 });
  });

  test("quota shows our numbers, and with --refresh counts what was called elsewhere", async () => {
    const desk = await openDeskRig();
    await desk.elsewhere("message/mass/preview", {
      msgtype: "text",
      text: { content: "x" },
      touser: desk.openid,
    });
    const before = await qunfa(desk, ["account", "quota", ...of]);
    expect(columns(before.stdout)).toContain("│ previews │ 100 │ 0 │ 0 │ 0 │ 100 │");
    const after = await qunfa(desk, ["account", "quota", ...of, "--refresh"], { env: zh });
    expect(columns(after.stdout)).toEqual(
      expect.arrayContaining([
        "│ /cgi-bin/message/mass/preview │ 100 │ 1 │ 99 │",
        "│ 预览 │ 100 │ 1 │ 1 │ 0 │ 99 │",
      ]),
    );
  });

  test("quota --clear asks first", async () => {
    const desk = await openDeskRig();
    await qunfa(desk, ["preview", ...of, "--text", "x", "--wxname", "zhangsan"]);
    const clear = ["account", "quota", ...of, "--clear"];
    expect(await qunfa(desk, clear, { input: "\n" })).toMatchObject({
      code: 4,
      stdout: "Nothing was done.\n",
    });
    expect(await desk.arrived("clear_quota")).toBe(0);
    const { code, stdout } = await qunfa(desk, ["-o", "json", ...clear], { input: "是\n", env: zh });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ quota: { preview: { used: 0 } } });
    await desk.stage("/faults", { api: "clear_quota", fault: "errcode", errcode: 48006 });
    expect(await qunfa(desk, [...clear, "--yes"])).toMatchObject({
      code: 75,
      stderr: expect.stringMatching(/^WECHAT_NOT_NOW: .*48006/),
    });
  });
});
