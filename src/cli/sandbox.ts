import { type Command, InvalidArgumentError } from "commander";
import type { Answer } from "./run.ts";
import { createBackstage } from "./sandbox-backstage.ts";
import { type SandboxWords, sandboxWordsIn } from "./sandbox-words.ts";
import { count, type Terminal, tableOf } from "./terminal.ts";

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
type FaultOptions = Readonly<Record<string, string | number | boolean>> & { url: string; clear?: true };

/** `qunfa sandbox start`, `books` and `fault`. */
export function addSandbox(program: Command, { openSandbox, env, tell }: Parts, terminal: Terminal): void {
  const words = sandboxWordsIn[terminal.language];
  const { start, books, fault } = words;
  const url = `http://127.0.0.1:${env.QUNFA_SANDBOX_PORT || 3100}`;
  const backstageOf = (base: string) => createBackstage(base, words);
  const sandbox = program
    .command("sandbox")
    .description(words.about)
    .addHelpText("after", words.example.join("\n"));

  sandbox
    .command("start", { isDefault: true })
    .description(start.about)
    .option("--port <number>", start.port)
    .option("--followers <number>", start.followers)
    .option("--callback-base <url>", start.callbackBase)
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
    .option("--url <url>", words.url(url), url)
    .addHelpText("after", books.after.join("\n"))
    .action(async (account: string | undefined, { url: base }: { url: string }) => {
      const found = await backstageOf(base).books(account);
      tell({
        text: found.map((one) => tellBooks(one, account !== undefined, words)).join("\n"),
        data: found,
      });
    });

  const number = (text: string) => {
    if (/^-?\d{1,9}$/.test(text)) return Number(text);
    throw new InvalidArgumentError(fault.number);
  };
  sandbox
    .command("fault")
    .description(fault.about)
    .argument("[fault]", fault.name)
    .option("--account <id>", fault.account)
    .option("--api <call>", fault.api)
    .option("--errcode <number>", fault.errcode, number)
    .option("--err <number>", fault.err, number)
    .option("--ms <number>", fault.ms, number)
    .option("--copies <number>", fault.copies, number)
    .option("--accepted", fault.accepted)
    .option("--times <number>", fault.times, number)
    .option("--skip <number>", fault.skip, number)
    .option("--clear", fault.clear)
    .option("--url <url>", words.url(url), url)
    .addHelpText("after", fault.after.join("\n"))
    .action(async (name: string | undefined, { url: base, clear, skip, ...more }: FaultOptions) => {
      const backstage = backstageOf(base);
      if (clear) {
        await backstage.clear();
        return tell({ text: fault.cleared, data: { faults: [] } });
      }
      if (name !== undefined) {
        const ordered = await backstage.order({
          fault: name,
          ...more,
          ...(skip !== undefined && { after: skip }),
        });
        return tell({ text: fault.ordered(count(ordered.id)), data: ordered });
      }
      const faults = await backstage.faults();
      const rows = faults.map((one) => [
        ...[count(one.id), one.fault, one.api, one.account ?? ""],
        ...[count(one.seen), count(one.fired), count(one.times)],
      ]);
      const aligns = ["right", "left", "left", "left", "right", "right", "right"] as const;
      const table = tableOf([fault.columns, ...rows], [...aligns]);
      tell({ text: rows.length === 0 ? fault.none : table, data: faults });
    });
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
