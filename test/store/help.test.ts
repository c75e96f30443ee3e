import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { columnsOf } from "../../src/cli/help.ts";
import { runCommandLine } from "../../src/cli/program.ts";

/** Where no sandbox listens. */
const nowhere = { QUNFA_SANDBOX_PORT: "1" };
const languages = {
  English: { ...nowhere, LANG: "C" },
  Chinese: { ...nowhere, LANG: "zh_CN.UTF-8" },
};
type Env = (typeof languages)[keyof typeof languages];

/** Runs `qunfa` in this process; a command that gets as far as to open something has been read without fault. */
async function qunfa(args: readonly string[], env: Env) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let wasOpened = false;
  const open = async (): Promise<never> => {
    wasOpened = true;
    throw new Error("opened");
  };
  const code = await runCommandLine(args, {
    ...{ env, stdout, stderr, open, openDoctor: open, openSandbox: open, version: "1.2.3" },
    stdin: Readable.from(["{}"]),
  });
  stdout.end();
  stderr.end();
  return { code, wasOpened, stdout: await text(stdout), stderr: await text(stderr) };
}

/** The names of a help's commands: two columns in, under the title, `help` itself left out. */
function commandsIn(help: string): string[] {
  const [, list = ""] = help.split(/^(?:Commands:|命令：)\n/m);
  return list
    .split(/\n\n|\n(?=\S)/)[0]
    ?.split("\n")
    .flatMap((line) => /^ {2}([a-z-]+)/.exec(line)?.[1] ?? [])
    .filter((name) => name !== "help") as string[];
}

/** Every command with its help, nouns and the program itself too. */
async function walk(path: readonly string[], env: Env): Promise<{ path: string; help: string }[]> {
  const { code, stdout: help, stderr } = await qunfa([...path, "--help"], env);
  expect({ path, code, stderr }).toEqual({ path, code: 0, stderr: "" });
  const below = await Promise.all(commandsIn(help).map((name) => walk([...path, name], env)));
  return [{ path: path.join(" "), help }, ...below.flat()];
}

const examplesIn = (help: string) =>
  [...help.matchAll(/^ {2}(?:\S+=\S+ )*qunfa (.+)$/gm)].map(([, line = ""]) => line);

/** As a shell takes a line apart, as far as examples go: quotes, and what stands behind a redirection or pipe. */
function wordsOf(line: string): string[] {
  const [command = ""] = line.split(/ (?:[>|]|&&) /);
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

test("every noun and verb that is promised is there", async () => {
  const verbs: Record<string, string> = {
    campaign: "send plan list show watch pause resume cancel recall export",
    batch: "list review",
    audience: "upload list show remove read",
    account: "list check quota audit",
    cap: "show book",
    tag: "list",
    menu: "get set",
    qrcode: "create",
    sandbox: "start books fault",
  };
  const all = new Set((await walk([], languages.English)).map(({ path }) => path));
  const asked = Object.entries(verbs).flatMap(([noun, list]) =>
    list.split(" ").map((verb) => `${noun} ${verb}`),
  );
  expect([...asked, "preview", "doctor"].filter((command) => !all.has(command))).toEqual([]);
});

test.each(Object.entries(languages))("every help in %s fits a screen of 80 by 24", async (_, env) => {
  const all = await walk([], env);
  expect(all.length).toBeGreaterThan(40);
  const tooWide = all.flatMap(({ path, help }) =>
    help.split("\n").flatMap((line) => (columnsOf(line) > 80 ? [`${path}: ${line}`] : [])),
  );
  expect(tooWide).toEqual([]);
  const tooLong = all.filter(({ help }) => help.trimEnd().split("\n").length > 24);
  expect(tooLong.map(({ path }) => path)).toEqual([]);
  expect(all.filter(({ help }) => help.includes("(default:"))).toEqual([]);
  expect(all.filter(({ help }) => /\p{Script=Han}/u.test(help) !== (env === languages.Chinese))).toEqual([]);
});

const BODY =
  "account text audience list tag all name at window deadline hold over-cap notify-url output help";

test.each(Object.entries(languages))("no option is left out of a short help in %s", async (_, env) => {
  for (const [command, names] of [
    ["campaign plan", BODY],
    ["campaign send", `${BODY} id dry-run yes watch rest-of partly reason`],
    ["sandbox fault", "account api errcode err ms copies accepted times skip clear url output help"],
  ] as const) {
    const { stdout } = await qunfa([...command.split(" "), "--help"], env);
    const left = names.split(" ").filter((name) => !new RegExp(`--${name}(?![a-z-])`).test(stdout));
    expect({ command, left }).toEqual({ command, left: [] });
  }
});

test.each(Object.entries(languages))("every help in %s has an example of its own command", async (_, env) => {
  for (const { path, help } of await walk([], env))
    expect(
      examplesIn(help).some((line) => `${line} `.replace(/^-o json /, "").startsWith(path)),
      path,
    ).toBe(true);
});

test.each(Object.entries(languages))(
  "every help in %s describes its arguments, and marks what it can't do without",
  async (_, env) => {
    for (const { path, help } of await walk([], env)) {
      const [usage = ""] = help.split("\n");
      const described = (name: string) => new RegExp(`^ {2}${name} {2,}\\S`, "m").test(help);
      const named = [...usage.matchAll(/[<[]([a-z -]+)[>\]]/g)].map(([, name = ""]) => name);
      const its = named.filter((name) => name !== "options" && name !== "command");
      expect({ path, bare: its.filter((name) => !described(name)) }).toEqual({ path, bare: [] });
    }
    const { stdout } = await qunfa(["cap", "show", "--help"], env);
    expect(stdout).toMatch(/--account <id> .*(\(required\)|（必填）)\n/);
  },
);

test.each(Object.entries(languages))("every example in %s is a command that can be read", async (_, env) => {
  const all = (await walk([], env)).flatMap(({ help }) => examplesIn(help));
  const examples = [...new Set(all)].filter((line) => !line.startsWith("help "));
  expect(examples.length).toBeGreaterThan(30);
  for (const line of examples) {
    const { wasOpened, code, stderr } = await qunfa(wordsOf(line), env);
    // What stops before is a file of the example's that is not there, or the sandbox.
    const exit = line.includes("sandbox ") ? 69 : 66;
    if (!wasOpened) expect({ line, code, stderr }).toEqual({ line, code: exit, stderr: expect.anything() });
  }
});

test("help of a command is had in each of the ways that people try", async () => {
  const { stdout } = await qunfa(["campaign", "send", "--help"], languages.English);
  expect(stdout).toMatch(/^Usage: qunfa campaign send/);
  for (const args of [
    ["help", "campaign", "send"],
    ["campaign", "help", "send"],
    ["campaign", "send", "-h"],
  ])
    expect(await qunfa(args, languages.English)).toMatchObject({ code: 0, stdout });
  expect((await qunfa(["help", "campaign", "sent"], languages.English)).code).toBe(64);
});

test("--version tells the version", async () => {
  for (const flag of ["--version", "-V"])
    expect(await qunfa([flag], languages.English)).toMatchObject({ code: 0, stdout: "1.2.3\n" });
});
