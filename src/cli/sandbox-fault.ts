import { type Command, InvalidArgumentError } from "commander";
import { Failure } from "../failure.ts";
import { besides } from "./help.ts";
import type { Answer } from "./run.ts";
import { createBackstage } from "./sandbox-backstage.ts";
import type { SandboxWords } from "./sandbox-words.ts";
import { count, tableOf } from "./terminal.ts";

type Parts = {
  /** Where a sandbox is looked for. */
  readonly url: string;
  readonly addressIn: (text: string) => string;
  readonly tell: (answer: Answer) => void;
};

type Options = Readonly<Record<string, string | number | boolean>> & { url: string; clear?: true };

/** `qunfa sandbox fault`: orders one, shows those that are ordered, or calls them off. */
export function addFault(sandbox: Command, { url, addressIn, tell }: Parts, words: SandboxWords): void {
  const { fault } = words;
  const number = (text: string) => {
    if (/^-?\d{1,9}$/.test(text)) return Number(text);
    throw new InvalidArgumentError(fault.number);
  };

  sandbox
    .command("fault")
    .description(fault.about)
    .argument("[fault]", fault.name)
    .option("--account <id>", fault.account)
    .addOption(besides("--api <call>"))
    .option("--errcode <number>", fault.errcode, number)
    .addOption(besides("--err <number>").argParser(number))
    .option("--ms <number>", fault.ms, number)
    .addOption(besides("--copies <number>").argParser(number))
    .option("--accepted", fault.accepted)
    .option("--times <number>", fault.times, number)
    .addOption(besides("--skip <number>").argParser(number))
    .option("--clear", fault.clear)
    .option("--url <url>", words.url(url), addressIn, url)
    .addHelpText("after", fault.after.join("\n"))
    .action(async (name: string | undefined, { url: base, clear, ...wish }: Options) => {
      const backstage = createBackstage(base, words);
      const isWish = name !== undefined || Object.keys(wish).length > 0;
      if (clear) {
        if (isWish) throw new Failure("BAD_REQUEST", fault.clearsAll);
        await backstage.clear();
        return tell({ text: fault.cleared, data: { faults: [] } });
      }
      if (isWish) {
        if (name === undefined) throw new Failure("BAD_REQUEST", fault.noName);
        const { skip, ...more } = wish;
        const after = skip !== undefined && { after: skip };
        const ordered = await backstage.order({ fault: name, ...more, ...after });
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
