import type { Readable, Writable } from "node:stream";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { Failure, failures } from "../failure.ts";
import { isRedisAway } from "../store/redis-away.ts";
import { addAccount } from "./account.ts";
import { addAudience } from "./audience.ts";
import { addCampaign } from "./campaign.ts";
import { addCaps, type CapDesk } from "./caps.ts";
import { addDoNotSend } from "./do-not-send.ts";
import { addDoctor, type Doctor, type TellChecks } from "./doctor.ts";
import type { ListDesk } from "./list-desk.ts";
import { addMenu } from "./menu.ts";
import type { OperatorDesk } from "./operator-desk.ts";
import { addPreview } from "./preview.ts";
import { addQrCode } from "./qrcode.ts";
import type { Answer, Run } from "./run.ts";
import { addTags } from "./tags.ts";
import type { Terminal } from "./terminal.ts";
import { addUploads, type UploadDesk } from "./uploads.ts";
import type { WechatDesk } from "./wechat-desk.ts";
import { languageOf, type Words, wordsIn } from "./words.ts";

type Desk = CapDesk & ListDesk & UploadDesk & WechatDesk & OperatorDesk;

type Parts = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who sits before it. */
  readonly who: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Reads the configuration and connects: only for a command that is well-formed. */
  readonly open: () => Promise<Desk & { close(): Promise<void> }>;
  /** Reads and connects by itself, and takes trouble with either for an answer. */
  readonly openDoctor: () => Promise<Doctor>;
};

/** Runs one command; answers its exit code, that of the failure table when it fails. */
export async function runCommandLine(
  args: readonly string[],
  { open, openDoctor, env, ...streams }: Parts,
): Promise<number> {
  const terminal: Terminal = { ...streams, language: languageOf(env) };
  const words = wordsIn[terminal.language];
  const program = createProgram(words, terminal);
  const isJson = () => program.opts<{ output?: string }>().output === "json";

  const print = ({ text, data }: Answer) =>
    terminal.stdout.write(`${isJson() ? JSON.stringify(data) : text}\n`);

  let exitCode = 0;
  const run: Run<Desk> = async (deed) => {
    const desk = await open();
    try {
      const { failed, ...answer } = await deed(desk);
      print(answer);
      if (failed) exitCode = failures[failed].exit;
    } finally {
      await desk.close();
    }
  };
  addCaps(program, run, terminal);
  addAudience(program, run, terminal);
  addMenu(program, run, terminal);
  addQrCode(program, run, terminal);
  addTags(program, run, terminal);
  addUploads(program, run, terminal);
  addPreview(program, run, terminal);
  addCampaign(program, run, terminal);
  addDoNotSend(addAccount(program, run, terminal), run, terminal);
  const tellChecks: TellChecks = ({ failed, ...answer }) => {
    print(answer);
    if (failed) exitCode = failures[failed].exit;
  };
  addDoctor(program, openDoctor, tellChecks, terminal);

  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // The help was asked for and has been shown, or shown for want of a command.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommanderError && error.code === "commander.help") return failures.BAD_REQUEST.exit;
    const { code, message } = failureOf(error, words);
    const title = words.failures[code];
    const told = title === undefined ? message : `${title}：${message}`;
    terminal.stderr.write(isJson() ? `${JSON.stringify({ code, message })}\n` : `${code}: ${told}\n`);
    return failures[code].exit;
  }
}

function createProgram(words: Words, { stdout, stderr }: Terminal): Command {
  return new Command("qunfa")
    .description(words.about.join("\n"))
    .helpOption("-h, --help", words.help)
    .helpCommand("help [command]", words.helpCommand)
    .option("-o, --output <format>", words.output, (format) => {
      if (format !== "text" && format !== "json") throw new InvalidArgumentError(words.formats);
      return format;
    })
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => words.titles[title] ?? title })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Told as every other failure, at the end.
      outputError: () => {},
    })
    .exitOverride();
}

function failureOf(error: unknown, words: Words): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof CommanderError) return new Failure("BAD_REQUEST", tellUsage(error, words));
  if (isRedisAway(error)) return new Failure("REDIS_AWAY", error instanceof Error ? error.message : "");
  // Never the error itself: a Redis error carries its command with all arguments, and so OpenIDs.
  return new Failure("INTERNAL", error instanceof Error ? (error.stack ?? error.message) : typeof error);
}

/** Commander speaks English only: in another language its sentence is put anew around what it quotes. */
function tellUsage({ code, message }: CommanderError, { usage }: Words): string {
  const sentence = message.replace(/^error: /, "").replace(/\n/g, " ");
  const said = usage[code];
  if (said === undefined) return sentence;
  const quoted = [...sentence.matchAll(/'([^']*)'/g)].map(([, text]) => text);
  return [said, ...quoted].join(" ");
}
