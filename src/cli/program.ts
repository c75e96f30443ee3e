import type { Readable, Writable } from "node:stream";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { Failure, failures } from "../failure.ts";
import { addAccount } from "./account.ts";
import { addAccounts } from "./account-list.ts";
import { addAudience } from "./audience.ts";
import { addAudit } from "./audit.ts";
import { addBatch } from "./batch.ts";
import { addCampaign } from "./campaign.ts";
import type { CampaignDesk } from "./campaign-desk.ts";
import { addCap, type CapDesk } from "./cap.ts";
import { addDoNotSend } from "./do-not-send.ts";
import { addDoctor, type Doctor } from "./doctor.ts";
import { wideHelp } from "./help.ts";
import { isInterruption } from "./interrupt.ts";
import type { ListDesk } from "./list-desk.ts";
import { addMenu } from "./menu.ts";
import { refuseTwice } from "./once.ts";
import type { OperatorDesk } from "./operator-desk.ts";
import { addPreview } from "./preview.ts";
import { addQrCode } from "./qrcode.ts";
import { addReview } from "./review.ts";
import { type Answer, INTERRUPTED, type Run } from "./run.ts";
import { addSandbox, type RunningSandbox } from "./sandbox.ts";
import { addTags } from "./tags.ts";
import { createPaint, legible, OUTPUTS, type Output, type Terminal } from "./terminal.ts";
import { failureOf } from "./trouble.ts";
import { addUploads, type UploadDesk } from "./uploads.ts";
import type { WechatDesk } from "./wechat-desk.ts";
import { languageOf, type Words, wordsIn } from "./words.ts";

type Desk = CapDesk & ListDesk & UploadDesk & WechatDesk & OperatorDesk & CampaignDesk;

type Parts = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly version?: string;
  /** Reads the configuration and connects: only for a command that is well-formed. */
  readonly open: () => Promise<Desk & { close(): Promise<void> }>;
  /** Reads and connects by itself, and takes trouble with either for an answer. */
  readonly openDoctor: () => Promise<Doctor>;
  readonly openSandbox: (variables: Readonly<Record<string, string>>) => Promise<RunningSandbox>;
  readonly onInterrupt?: Terminal["onInterrupt"];
};

/** Runs one command; answers its exit code, that of the failure table when it fails. */
export async function runCommandLine(
  args: readonly string[],
  { open, openDoctor, openSandbox, env, version = "", onInterrupt = () => () => {}, ...streams }: Parts,
): Promise<number> {
  const language = languageOf(env);
  const words = wordsIn[language];
  const output = (): Output => program.opts<{ output?: Output }>().output ?? "table";
  const isDumb = env.TERM === "dumb";
  const paint = createPaint({ ...streams, isDumb }, env);
  const terminal: Terminal = { ...streams, isDumb, language, output, paint, onInterrupt };
  const program = createProgram(words, version, terminal);

  const print = ({ text, data, rows = Array.isArray(data) ? data : [data] }: Answer) => {
    if (output() === "table") return text !== "" && terminal.stdout.write(`${legible(text)}\n`);
    const values = output() === "json" ? [data] : rows;
    return terminal.stdout.write(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
  };

  let exit = 0;
  const tell = ({ failed, stopped, exitCode = 0, ...answer }: Answer) => {
    print(answer);
    exit = stopped ? tellFailure(stopped) : failed ? failures[failed].exit : exitCode;
  };
  const tellFailure = ({ code, message }: Failure): number => {
    const title = words.failures[code];
    const told = title === undefined ? message : `${title}：${message}`;
    const line = output() === "table" ? legible(`${code}: ${told}`) : JSON.stringify({ code, message });
    terminal.stderr.write(`${line}\n`);
    return failures[code].exit;
  };
  const run: Run<Desk> = async (deed) => {
    const desk = await open();
    try {
      const answer = await deed(desk);
      if (answer) tell(answer);
    } finally {
      await desk.close();
    }
  };
  addCampaign(program, run, terminal);
  addReview(addBatch(program, run, terminal), run, terminal);
  addAudience(program, run, terminal);
  const account = addAccount(program, run, terminal);
  addAccounts(account, { run, openDoctor, tell }, terminal);
  addDoNotSend(account, run, terminal);
  addAudit(account, run, terminal);
  addCap(program, run, terminal);
  addPreview(program, run, terminal);
  addUploads(program, run, terminal);
  addMenu(program, run, terminal);
  addQrCode(program, run, terminal);
  addTags(program, run, terminal);
  addDoctor(program, openDoctor, tell, terminal);
  addSandbox(program, { openSandbox, env, tell }, terminal);
  refuseTwice(program, words);

  try {
    await program.parseAsync(helpLast(args), { from: "user" });
    return exit;
  } catch (error) {
    // The help was asked for and has been shown, or shown for want of a command.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommanderError && error.code === "commander.help")
      return output() === "table"
        ? failures.BAD_REQUEST.exit
        : tellFailure(new Failure("BAD_REQUEST", words.noCommand));
    if (isInterruption(error)) return INTERRUPTED;
    return tellFailure(failureOf(error, words));
  }
}

function createProgram(words: Words, version: string, { stdout, stderr, output }: Terminal): Command {
  return new Command("qunfa")
    .description(words.about)
    .version(version, "-V, --version", words.version)
    .helpOption("-h, --help", words.help)
    .helpCommand("help [command]", words.helpCommand)
    .option("-o, --output <format>", words.output, (format) => {
      const known = OUTPUTS.find((one) => one === (format === "text" ? "table" : format));
      if (known === undefined) throw new InvalidArgumentError(words.formats);
      return known;
    })
    .addHelpText("after", words.after.join("\n"))
    .configureHelp({
      ...wideHelp,
      // Commander would add defaults in English: where there is one, the text has it.
      optionDescription: ({ description, mandatory }) =>
        mandatory ? `${description}${words.required}` : description,
      styleTitle: (title) => words.titles[title] ?? title,
    })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // The help in place of a command that is missing: no machine reads it.
      writeErr: (text) => output() === "table" && stderr.write(text),
      // Told as every other failure, at the end.
      outputError: () => {},
    })
    .exitOverride();
}

/** `help campaign send` is `campaign help send`: commander looks one level deep. */
function helpLast(args: readonly string[]): readonly string[] {
  const [first, ...path] = args;
  const last = path.at(-1);
  return first === "help" && path.length > 1 && last ? [...path.slice(0, -1), "help", last] : args;
}
