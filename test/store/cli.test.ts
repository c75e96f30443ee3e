import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect } from "vitest";
import type { CapDesk } from "../../src/cli/cap.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { Failure } from "../../src/failure.ts";
import { noLists, noOperations, noWechat } from "../support/no-desk.ts";
import { createBookingRig, person, persons } from "./booking-rig.ts";
import { account, type Rig, test } from "./rig.ts";

type Options = { env?: Record<string, string>; input?: string; desk?: CapDesk };

/** Runs `qunfa` in this process; without a desk it must not get as far as to open one. */
async function qunfa(args: readonly string[], { env = {}, input = "", desk }: Options = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let closed = 0;
  const code = await runCommandLine(args, {
    env,
    stdin: Readable.from([input]),
    stdout,
    stderr,
    open: async () => {
      if (!desk) throw new Failure("REDIS_AWAY", "it was opened");
      return {
        ...noLists,
        ...noWechat,
        ...noOperations,
        ...desk,
        accounts: desk.accounts as never,
        close: async () => void closed++,
      };
    },
    openSandbox: () => Promise.reject(new Error("a sandbox was started")),
    openDoctor: async () => {
      throw new Failure("REDIS_AWAY", "it was opened");
    },
  });
  if (desk) expect(closed).toBe(1);
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

const zh = { LANG: "zh_CN.UTF-8" };

function deskOf(rig: Rig): CapDesk {
  const { caps, bookings } = createBookingRig(rig);
  const limits = { perUserPerMonth: 3 };
  return { accounts: new Map([[account, { limits } as never]]), caps, bookings, clock: rig.clock };
}

describe("the help", () => {
  test("is shown, as a mistake, to who gives no command", async () => {
    for (const args of [[], ["caps"]])
      expect(await qunfa(args)).toEqual({
        code: 64,
        stdout: "",
        stderr: expect.stringMatching(/^Usage: qunfa/),
      });
  });
});

describe("what the ledger refuses ends with the exit code of the failure table, and counts nobody", () => {
  const book = ["caps", "book", "--account", account];

  test.for<[string, string[], string, number, RegExp]>([
    ["an unknown account", ["caps", "show", "--account", "x"], "", 66, /^NOT_FOUND: .*only acme\.\n$/],
    ["an unknown account to book", ["caps", "book", "--all", "--account", "x"], "", 66, /^NOT_FOUND: /],
    [
      "a list of nobody",
      [...book, "--file", "-", "--key", "k"],
      "no\nbody",
      64,
      /^INVALID_PARAMETER: --file: expected at least one valid OpenID\n$/,
    ],
    ["an empty list", [...book, "--file", "-"], "", 64, /^INVALID_PARAMETER: --file: expected at least one/],
    [
      "nobody who is to be sent nothing",
      ["account", "do-not-send", "add", "-", "--account", account],
      "",
      64,
      /^INVALID_PARAMETER: There is no entry in the list\.\n$/,
    ],
    [
      "what can't be an OpenID, which is not repeated",
      ["caps", "show", "--account", account, "--openid", "mistyped"],
      "",
      64,
      /^INVALID_PARAMETER: (?!.*mistyped).*\n$/,
    ],
    [
      "what can't be an OpenID to be taken off a list",
      ["account", "do-not-send", "remove", "mistyped", "--account", account],
      "",
      64,
      /^INVALID_PARAMETER: openid: expected 20 to 64 characters/,
    ],
    ["a msg_id of ours", [...book, "--all", "--msg-id", "1000"], "", 65, /^MSG_ID_OWNED: .*ours~1.*\n$/],
    [
      "a msg_id that could be ours",
      [...book, "--all", "--msg-id", "7"],
      "",
      75,
      /^MSG_ID_IN_DOUBT: .*ours~2/,
    ],
  ])("%s", async ([_what, args, input, code, message], { rig }) => {
    const [one, two] = await rig.plan("ours", [2, 2]);
    if (!one || !two) throw new Error("there are not two");
    await rig.go(one);
    await rig.accept(one, "1000");
    await rig.go(two);
    const before = await rig.dump();
    const ended = await qunfa(args, { input, desk: deskOf(rig) });
    expect(ended).toEqual({ code, stdout: "", stderr: expect.stringMatching(message) });
    expect(await rig.dump()).toEqual(before);
  });

  test("as JSON for a machine, in Chinese for who reads it", async ({ rig }) => {
    const args = ["caps", "show", "--account", "x"];
    const machine = await qunfa(["-o", "json", ...args], { desk: deskOf(rig) });
    expect(JSON.parse(machine.stderr)).toEqual({
      code: "NOT_FOUND",
      message: "The accounts file has no such account, only acme.",
    });
    const reader = await qunfa(args, { desk: deskOf(rig), env: zh });
    expect(reader.stderr).toBe("NOT_FOUND: 找不到：账号文件中没有这个账号，只有 acme。\n");
  });

  test("and a bug is told with its stack, and without the arguments of a command", async ({ rig }) => {
    await rig.redis.set(rig.keys.capShard(account, "2031-03", 0), "no hash");
    const { code, stderr } = await qunfa(["caps", "show", "--account", account], { desk: deskOf(rig) });
    expect(code).toBe(70);
    expect(stderr).toMatch(/^INTERNAL: ReplyError: WRONGTYPE/);
    expect(stderr).not.toContain("caps:2031-03");
  });
});

describe("an answer", () => {
  const book = ["caps", "book", "--account", account];
  const columns = (stdout: string) => stdout.split("\n").map((line) => line.replace(/ +/g, " "));

  test("tells what was booked from a list: columns, header, blank and malformed lines", async ({ rig }) => {
    const [one, two] = [person(1), person(2)];
    const input = `\uFEFFOpenID,name\r\n${one},"A, B"\r\n\r\n"${two}"\r\n ${one} \r\nnobody\r\n`;
    const { code, stdout, stderr } = await qunfa([...book, "--file", "-"], { input, desk: deskOf(rig) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "2 people count one mass message more in 2031-03.",
      "The list had 4 entries, 1 malformed, 1 twice.",
      "",
    ]);
  });

  test("says that nothing was counted again", async ({ rig }) => {
    const desk = deskOf(rig);
    await qunfa([...book, "--all", "--key", "k"], { desk });
    const again = await qunfa([...book, "--all", "--key", "k"], { desk });
    expect(again).toMatchObject({
      code: 0,
      stdout:
        "Every follower counts one mass message more in 2031-03.\n" +
        "It was booked before, at 2031-03-04T12:00:00+08:00: nothing is counted again.\n",
    });
    const reader = await qunfa([...book, "--all", "--key", "k"], { desk, env: zh });
    expect(reader.stdout).toMatch(
      /^全部关注者在 2031-03 各多计一条群发。\n此前已于 .*\+08:00 登记，不再重复计数。\n$/,
    );
  });

  test("is one line of JSON for a machine", async ({ rig }) => {
    const desk = deskOf(rig);
    const args = [...book, "--file", "-", "--msg-id", "12", "--note", "by hand", "--output", "json"];
    const booked = await qunfa(args, { input: person(1), desk });
    expect(JSON.parse(booked.stdout)).toEqual({
      id: expect.any(String),
      account,
      month: "2031-03",
      msgId: "12",
      audience: { type: "openids", received: 1, invalid: 0, duplicate: 0, booked: 1 },
      note: "by hand",
      bookedAt: "2031-03-04T04:00:00.000Z",
      isNew: true,
    });
    expect(booked.stdout.trimEnd()).not.toContain("\n");
    const show = ["-o", "json", "caps", "show", "--account", account];
    expect(JSON.parse((await qunfa(show, { desk })).stdout)).toEqual({
      account,
      month: "2031-03",
      users: { 1: 1, 2: 0, 3: 0, 4: 0 },
      base: 0,
      followers: null,
    });
    expect(JSON.parse((await qunfa([...show, "--openid", person(1)], { desk })).stdout)).toEqual({
      account,
      month: "2031-03",
      used: 1,
      left: 2,
      limit: 3,
    });
  });

  test("shows how many stand at 1, 2, 3, and 4 or more, and one person's numbers", async ({ rig }) => {
    const desk = deskOf(rig);
    for (const many of [1_500, 10, 1, 1, 1])
      await qunfa([...book, "--file", "-"], { input: persons(many).join("\n"), desk });
    await qunfa([...book, "--all"], { desk });
    const { stdout } = await qunfa(["caps", "show", "--account", account], { desk });
    expect(columns(stdout)).toEqual([
      "Mass messages in 2031-03, sent, reserved or booked",
      expect.stringMatching(/^┌─+┬─+┐$/),
      "│ │ people │",
      "│ 1 message │ 0 │",
      "│ 2 messages │ 1,490 │",
      "│ 3 messages │ 9 │",
      "│ 4 or more │ 1 │",
      expect.stringMatching(/^└─+┴─+┘$/),
      "Messages booked for every follower, included in each count above: 1",
      "How many followers there are is not known yet: who has only these is not in the table.",
      "",
    ]);
    const one = await qunfa(["cap", "show", "--account", account, "--openid", person(0)], { desk });
    expect(columns(one.stdout)).toEqual(
      expect.arrayContaining(["│ had │ 6 │", "│ left │ 0 │", "│ limit │ 3 │"]),
    );
    const reader = await qunfa(["caps", "show", "--account", account], { desk, env: zh });
    expect(columns(reader.stdout)).toEqual(
      expect.arrayContaining(["│ 4 条及以上 │ 1 │", "为全部关注者登记的群发（上表已逐人计入）：1 条"]),
    );
    expect(columns(reader.stdout)).toContain("关注者总数尚不清楚，仅收到这些群发的人未列入上表。");

    // WeChat has told: everybody else stands at what was booked for all.
    await rig.caps.open({ account, month: "2031-03" }, { shards: 128, followers: 2_000 });
    const known = (await qunfa(["caps", "show", "--account", account], { desk })).stdout;
    expect(columns(known)).toContain("│ 1 message │ 500 │");
    expect(known).toContain("included in each count above: 1");
    expect(known).not.toContain("not known yet");
  });

  test.for<[Record<string, string>, boolean]>([
    [{}, false],
    [{ LANG: "C.UTF-8" }, false],
    [{ LANG: "zh_CN.UTF-8" }, true],
    [{ LANG: "en_US.UTF-8", LC_ALL: "zh_TW.UTF-8" }, true],
    [{ LANG: "zh_CN.UTF-8", LC_ALL: "C" }, false],
    [{ LANG: "en_US.UTF-8", LC_MESSAGES: "zh_CN" }, true],
  ])("with %j in Chinese: %s", async ([env, chinese], { rig }) => {
    const { stdout } = await qunfa([...book, "--all"], { env, desk: deskOf(rig) });
    expect(stdout.startsWith("全部")).toBe(chinese);
  });
});
