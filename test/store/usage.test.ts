import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { Failure } from "../../src/failure.ts";

type Options = { env?: Record<string, string>; input?: string };

const account = "acme";
const zh = { LANG: "zh_CN.UTF-8" };

/** Runs `qunfa` in this process; it must not get as far as to open anything. */
async function qunfa(args: readonly string[], { env = {}, input = "" }: Options = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const open = async (): Promise<never> => {
    throw new Failure("REDIS_AWAY", "it was opened");
  };
  const code = await runCommandLine(args, {
    ...{ env, stdin: Readable.from([input]), stdout, stderr },
    ...{ open, openSandbox: open, openDoctor: open },
  });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

describe("wrong input ends before anything is opened, with one message and exit code 64", () => {
  const book = ["caps", "book", "--account", account];

  test.for<[string, string[], RegExp]>([
    ["an unknown command", ["nothing"], /^BAD_REQUEST: unknown command 'nothing'\n$/],
    [
      "an unknown option",
      [...book, "--al"],
      /^BAD_REQUEST: unknown option '--al' \(Did you mean --all\?\)\n$/,
    ],
    ["no account", ["caps", "show"], /^BAD_REQUEST: .*--account.*\n$/],
    [
      "a file without a name",
      ["campaign", "export", "x", "--out", ""],
      /^BAD_REQUEST: .*--out.* name of a file\n$/,
    ],
    [
      "a picture without a name",
      ["qrcode", "create", "--account", account, "--scene", "a", "--permanent", "--out", ""],
      /^BAD_REQUEST: .*--out.* name of a file\n$/,
    ],
    ["a verdict on no batch", ["batch", "review", "--sent"], /^BAD_REQUEST: Say which batch: /],
    ["a reason for no verdict", ["batch", "review", "--reason", "x"], /^BAD_REQUEST: .*--reason and --yes/],
    ["a yes to no question", ["batch", "review", "a", "1", "--yes"], /^BAD_REQUEST: .*--reason and --yes/],
    ["an option without what it names", [...book, "--file"], /^BAD_REQUEST: .*--file.* missing\n$/],
    ["neither --all nor --file", book, /^BAD_REQUEST: .*--all, --file or --list.*\n$/],
    ["both", [...book, "--all", "--file", "x"], /^BAD_REQUEST: .*--file.*--all.*\n$/],
    ["a msg_id that is no number", [...book, "--all", "--msg-id", "1x"], /^BAD_REQUEST: .*digits\n$/],
    ["a key that is none", [...book, "--all", "--key", ".."], /^BAD_REQUEST: .*--key.*\n$/],
    [
      "a format that there is not",
      [...book, "--all", "-o", "xml"],
      /^BAD_REQUEST: .*table, json or ndjson\n$/,
    ],
    ["too much", [...book, "--all", "more"], /^BAD_REQUEST: too many arguments.*\n$/],
    [
      "a list's name of 201 characters",
      ["audience", "upload", "nowhere.csv", "--name", "名".repeat(201)],
      /^BAD_REQUEST: .*--name.*200 characters at most\n$/,
    ],
    [
      "no name of a tag",
      ["audience", "read", "--account", account, "--tag-name", ""],
      /^BAD_REQUEST: --tag-name: expected .*\n$/,
    ],
    [
      "no name for a list that is read",
      ["audience", "read", "--account", account, "--all", "--name", ""],
      /^BAD_REQUEST: .*--name.*\n$/,
    ],
  ])("%s", async ([_what, args, message]) => {
    expect(await qunfa(args)).toEqual({ code: 64, stdout: "", stderr: expect.stringMatching(message) });
  });

  const send = ["campaign", "send", "--account", account, "--all"];
  const dryRun = [...send, "--text", "a", "--dry-run"];

  test.for<[string, string[], RegExp]>([
    ["an address that is not asked", ["doctor", "--offline", "--url", "http://a.cn"], /--offline.*--url/],
    ["no address", ["doctor", "--url", "nonsense"], /--url.*expected an http or https address\n$/],
    ["no address of a check", ["account", "check", account, "--url", "ftp://a.cn"], /--url.*http or https/],
    ["a yes to a plan, which asks nothing", [...dryRun, "--yes"], /--dry-run.*--yes/],
    ["to watch a plan", [...dryRun, "--watch"], /--dry-run.*--watch/],
    ["an id for a plan", [...dryRun, "--id", "foo"], /--dry-run.*--id/],
    ["a yes to a reading of quotas", ["account", "quota", account, "--yes"], /--yes goes with --clear/],
    ["a yes to a refresh", ["account", "quota", account, "--refresh", "--yes"], /--yes goes with --clear/],
    ["two texts", [...send, "--text", "a", "--text", "b"], /^BAD_REQUEST: --text is given twice/],
    [
      "two texts in another form",
      [...send, "--text", "a", "--text=a"],
      /^BAD_REQUEST: --text is given twice/,
    ],
    ["two formats", ["-o", "json", "campaign", "list", "--output", "json"], /"--output is given twice/],
    [
      "two limits, one of them usual",
      ["campaign", "list", "--limit", "50", "--limit", "50"],
      /--limit is given/,
    ],
    ["CSV as JSON", ["campaign", "export", "x", "--format", "csv", "-o", "json"], /--format csv.*-o json/],
    [
      "CSV as NDJSON, by name",
      ["campaign", "export", "x", "--format", "csv", "-o", "ndjson", "--out", "-"],
      /--format csv.*-o ndjson/,
    ],
  ])("what would not be heeded is refused: %s", async ([_what, args, message]) => {
    expect(await qunfa(args)).toEqual({ code: 64, stdout: "", stderr: expect.stringMatching(message) });
  });

  test("what goes together is not refused", async () => {
    for (const args of [
      ["campaign", "export", "x", "--format", "csv", "-o", "json", "--out", "x.csv"],
      ["campaign", "export", "x", "--format", "ndjson", "-o", "json"],
      [...send, "--text", "a", "--yes", "--yes", "--watch", "--id", "foo"],
    ])
      expect((await qunfa(args)).stderr).toMatch(/it was opened/);
  });

  test.for<[string[]]>([[["campaign"]], [["account", "do-not-send"]], [[]]])(
    "no command after %j is told to a machine as every failure is, and to people by the help",
    async ([noun]) => {
      for (const format of ["json", "ndjson"]) {
        const { code, stdout, stderr } = await qunfa(["-o", format, ...noun]);
        expect({ code, stdout, stderr: JSON.parse(stderr) }).toEqual({
          ...{ code: 64, stdout: "" },
          stderr: { code: "BAD_REQUEST", message: "Say which command; --help shows them." },
        });
      }
      expect(await qunfa(noun)).toEqual({
        code: 64,
        stdout: "",
        stderr: expect.stringMatching(/^Usage: qunfa/),
      });
    },
  );

  test("what was given is told no longer than it helps", async () => {
    const name = "it's ".repeat(600);
    const wrong = await qunfa(["audience", "upload", "nowhere.csv", "--name", name]);
    expect(wrong.stderr).toMatch(/^BAD_REQUEST: .*--name <text>.*it's.*…' is invalid\. expected a name.*\n$/);
    const option = await qunfa(["cap", "show", `--${"x".repeat(3_000)}`], { env: zh });
    const command = await qunfa(["x".repeat(3_000)]);
    for (const { code, stderr } of [wrong, option, command]) {
      expect(code).toBe(64);
      expect(stderr.length).toBeLessThan(250);
    }
  });

  test.for<[string, string[], string]>([
    ["an unknown command", ["nothing"], "没有这个命令 nothing"],
    ["an unknown option", [...book, "--al"], "没有这个选项 --al（是否指 --all？）"],
    ["no account", ["caps", "show"], "缺少必需的选项 --account <id>"],
    ["neither --all nor --file", book, "--all、--file 与 --list 须选且只能选一个。"],
    [
      "a msg_id that is no number",
      [...book, "--msg-id", "1x"],
      "选项的参数不合格式 --msg-id <digits> 1x：须为数字",
    ],
    [
      "a limit that is none",
      ["campaign", "list", "--limit", "x"],
      "选项的参数不合格式 --limit <number> x：须为 1 到 200",
    ],
    ["too much", ["campaign", "show", "a", "b", "c"], "参数过多 show：应为 1 个，给了 3 个"],
    ["a command mistyped", ["campain"], "没有这个命令 campain（是否指 campaign？）"],
  ])("in Chinese too: %s", async ([_what, args, message]) => {
    const stderr = `BAD_REQUEST: 命令有误：${message}\n`;
    expect(await qunfa(args, { env: zh })).toEqual({ code: 64, stdout: "", stderr });
  });

  test.for<[string, string[], string, number, RegExp]>([
    [
      "no such file",
      ["--file", "/nowhere/at/all"],
      "",
      66,
      /^NOT_FOUND: .*--file: no such file.*ENOENT.*\n$/,
    ],
    ["a folder for a file", ["--file", "/"], "", 64, /^BAD_REQUEST: .*--file.*EISDIR.*\n$/],
    [
      "a list that is none",
      ["--list", "nope"],
      "",
      64,
      /^INVALID_PARAMETER: --list: expected the audienceId/,
    ],
  ])("%s", async ([_what, args, input, code, message]) => {
    expect(await qunfa([...book, ...args], { input })).toEqual({
      code,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
  });
});
