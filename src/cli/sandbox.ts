import { type Command, InvalidArgumentError } from "commander";
import type { Answer } from "./run.ts";
import { createBackstage } from "./sandbox-backstage.ts";
import { addFault } from "./sandbox-fault.ts";
import { type SandboxWords, sandboxWordsIn } from "./sandbox-words.ts";
import { count, type Terminal, tableOf } from "./terminal.ts";
import { urlIn } from "./url-in.ts";

/** A sandbox that runs in this process. */
export type RunningSandbox = {
  readonly url: string;
  readonly accounts: readonly string[];
  readonly callbackBase: string;
  close(): Promise<void>;
};

type Parts = {
  /** Starts one with these variables over those of the environment. Throws BAD_CONFIG. */
  readonly openSandbox: (variables: Readonly<Record<string, string>>) => Promise<RunningSandbox>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tell: (answer: Answer) => void;
};

type StartOptions = { port?: string; followers?: string; callbackBase?: string };

/** `qunfa sandbox start`, `books` and `fault`. */
export function addSandbox(program: Command, { openSandbox, env, tell }: Parts, terminal: Terminal): void {
  const words = sandboxWordsIn[terminal.language];
  const { start, books } = words;
  const addressIn = urlIn(terminal.language);
  const url = `http://127.0.0.1:${env.QUNFA_SANDBOX_PORT || 3100}`;
  const sandbox = program
    .command("sandbox")
    .description(words.about)
    .addHelpText("after", words.example.join("\n"));

  sandbox
    .command("start", { isDefault: true })
    .description(start.about)
    .option("--port <number>", start.port, upTo(65_535, start.wrongPort))
    .option("--followers <number>", start.followers, upTo(1_000_000, start.wrongFollowers))
    .option("--callback-base <url>", start.callbackBase, addressIn)
    .addHelpText("after", start.after.join("\n"))
    .action(async ({ port, followers, callbackBase }: StartOptions) => {
      let ignore = () => {};
      const interrupted = new Promise<void>((resolve) => {
        ignore = terminal.onInterrupt(resolve);
      });
      try {
        const running = await openSandbox({
          ...(port !== undefined && { QUNFA_SANDBOX_PORT: port }),
          ...(followers !== undefined && { QUNFA_SANDBOX_FOLLOWERS: followers }),
          ...(callbackBase !== undefined && { QUNFA_SANDBOX_CALLBACK_BASE: callbackBase }),
        });
        const { close, ...data } = running;
        const text = start.running(data.url, data.accounts.join(", "), data.callbackBase);
        tell({ text, data });
        await interrupted.finally(close);
      } finally {
        ignore();
      }
    });

  sandbox
    .command("books")
    .description(books.about)
    .argument("[account]", books.account)
    .option("--url <url>", words.url(url), addressIn, url)
    .addHelpText("after", books.after.join("\n"))
    .action(async (account: string | undefined, { url: base }: { url: string }) => {
      const found = await createBackstage(base, words).books(account);
      tell({
        text: found.map((one) => tellBooks(one, account !== undefined, words)).join("\n"),
        data: found,
      });
    });
  addFault(sandbox, { url, addressIn, tell }, words);
}

/** Reads a whole number that is no larger; hands it on as the text that a variable holds. */
function upTo(most: number, expected: string) {
  return (text: string): string => {
    if (/^\d{1,9}$/.test(text) && Number(text) <= most) return text;
    throw new InvalidArgumentError(expected);
  };
}

type Books = Awaited<ReturnType<ReturnType<typeof createBackstage>["books"]>>[number];

function tellBooks({ account, totals, jobs }: Books, each: boolean, { books }: SandboxWords): string {
  const refused = Object.values(totals.refused).reduce((sum, times) => sum + times, 0);
  const table = tableOf(
    [books.columns, [account, count(totals.calls), count(totals.accepted), count(refused)]],
    ["left", "right", "right", "right"],
  );
  if (!each) return table;
  if (jobs.length === 0) return `${table}\n${books.none}`;
  const rows = jobs.map(({ msg_id, msgtype, size, status, result, counts, acceptedAt }) => [
    ...[msg_id, msgtype, count(size), status, result ?? "", counts ? count(counts.sent) : "", acceptedAt],
  ]);
  const aligns = ["right", "left", "right", "left", "left", "right", "left"] as const;
  return `${table}\n${tableOf([books.jobs, ...rows], [...aligns])}`;
}
