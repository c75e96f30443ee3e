import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, InvalidArgumentError } from "commander";
import { openIdIn } from "../campaign/openid.ts";
import { nativeSegment } from "../campaign/segment.ts";
import { Failure } from "../failure.ts";
import type { Outcome, Recipient } from "../store/recipients.ts";
import { type CampaignDesk, campaignIn } from "./campaign-desk.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import { heedInterrupt } from "./interrupt.ts";
import { isStdout, pathIn, writeOut } from "./out-file.ts";
import { openProgressBar } from "./progress-bar.ts";
import type { Run } from "./run.ts";
import { count, isTerminal, legible, type Terminal } from "./terminal.ts";

const FORMATS = ["csv", "ndjson"] as const;
type Format = (typeof FORMATS)[number];

const OUTCOMES = ["admitted", "capped", "excluded", "invalid"] as const satisfies readonly Outcome[];
type Told = (typeof OUTCOMES)[number];

type Options = { format?: Format; out?: string; outcome?: Told };

const COLUMNS = "openid,outcome,batch,state,msg_id";

/** `qunfa campaign export`: OpenIDs are what is asked for here. */
export function addExport(campaign: Command, run: Run<CampaignDesk>, terminal: Terminal): void {
  const all = campaignWordsIn[terminal.language];
  const words = all.export;

  campaign
    .command("export")
    .description(words.about)
    .argument("<id>", all.id)
    .option("--format <format>", words.format, oneOf(FORMATS, words.wrongFormat))
    .option("--out <file>", words.out, pathIn(words.wrongOut))
    .option("--outcome <outcome>", words.outcome, oneOf(OUTCOMES, words.wrongOutcome))
    .addHelpText("after", words.after.join("\n"))
    .action(async (id: string, { format, out: named, outcome }: Options) => {
      const out = named !== undefined && isStdout(named) ? undefined : named;
      const isForMachine = out === undefined && terminal.output() !== "table";
      if (isForMachine && format === "csv") throw new Failure("BAD_REQUEST", words.notBoth);
      await run(async (desk) => {
        const found = await campaignIn(desk, id, all.noCampaign);
        if (nativeSegment(found)) throw new Failure("NOT_FOUND", words.unknown);
        // What goes to the standard output is seen to come.
        const bar = openProgressBar(terminal, words.bar, out === undefined ? 0 : found.audience.received);
        let people = 0;
        async function* lines(): AsyncGenerator<string> {
          const write = format ?? formatOf(out, terminal);
          if (write === "csv") yield `${COLUMNS}\n`;
          for await (const some of desk.campaigns.recipients(found)) {
            const wanted = outcome === undefined ? some : some.filter((one) => one.outcome === outcome);
            people += wanted.length;
            bar.show(people);
            const lines = wanted.map(write === "csv" ? csvLine : jsonLine).join("");
            yield out === undefined && isTerminal(terminal.stdout) ? legible(lines) : lines;
          }
        }
        try {
          if (out === undefined) {
            await pipeline(Readable.from(lines()), terminal.stdout, { end: false });
            return undefined;
          }
          await heedInterrupt(terminal, (signal) => writeOut(out, lines(), signal));
        } finally {
          bar.stop();
        }
        return { text: words.done(count(people), out), data: { id, file: out, people } };
      });
    });
}

function formatOf(out: string | undefined, terminal: Terminal): Format {
  if (out === undefined) return terminal.output() === "table" ? "csv" : "ndjson";
  return /\.(ndjson|jsonl)$/.test(out) ? "ndjson" : "csv";
}

function csvLine({ openid, outcome, batch }: Recipient): string {
  return `${field(openid)},${outcome},${batch?.number ?? ""},${batch?.state ?? ""},${batch?.msgId ?? ""}\n`;
}

/** Only what was no OpenID can hold anything that has to be quoted, or that a spreadsheet would take for a formula. */
function field(text: string): string {
  if (openIdIn(text) === text) return text;
  const safe = /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function jsonLine({ openid, outcome, batch }: Recipient): string {
  const { number = null, state = null, msgId = null } = batch ?? {};
  return `${JSON.stringify({ openid, outcome, batch: number, state, msgId })}\n`;
}

function oneOf<const Word extends string>(words: readonly Word[], expected: string) {
  return (text: string): Word => {
    const word = words.find((one) => one === text);
    if (word === undefined) throw new InvalidArgumentError(expected);
    return word;
  };
}
