import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { openOwnFolder } from "../own-folder.ts";
import { printLine } from "../print-line.ts";
import { runScript } from "../script-life.ts";
import { wholeNumber } from "../whole-number.ts";
import { openCampaigns } from "./campaigns.ts";
import { openSamples } from "./samples.ts";
import { openSoakStack } from "./stack.ts";

/** Samples a run: enough for medians of its quarters. */
const SAMPLES = 80;
const GONE_WITHIN_MS = 60_000;

const options = new Command()
  .name("npm run soak --")
  .description("Small campaigns through real processes: is their memory, and Redis', level?")
  .option("--campaigns <number>", "how many", wholeNumber(1), 2_000)
  .option("--minutes <number>", "no campaign is begun later", wholeNumber(1), 20)
  .option("--accounts <number>", "of how many accounts", wholeNumber(1), 8)
  .option("--together <number>", "how many are under way at once", wholeNumber(1), 24)
  .parse()
  .opts<{ campaigns: number; minutes: number; accounts: number; together: number }>();

await runScript(async (life) => {
  printLine({
    soak: "machine",
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    node: process.version,
    ...options,
  });
  const accounts = Array.from({ length: options.accounts }, (_, at) => `soak-${at + 1}`);
  const stack = await life.owns(openSoakStack(openOwnFolder(life, "soak"), accounts));
  const campaigns = await life.owns(openCampaigns(stack, accounts));
  const samples = openSamples(stack);
  life.onEnd(samples.close);

  const states: Record<string, number> = {};
  const startedAt = Date.now();
  let begun = 0;
  let done = 0;
  const bar = new SingleBar({
    format: "{bar} {value}/{total} campaigns, {eta_formatted} left",
    stream: process.stderr,
  });
  bar.start(options.campaigns, 0);
  life.onEnd(() => bar.stop());
  const one = async () => {
    while (begun < options.campaigns && Date.now() < startedAt + options.minutes * 60_000) {
      const state = await campaigns.run(begun++);
      states[state] = (states[state] ?? 0) + 1;
      bar.update(++done);
      if (done % Math.ceil(options.campaigns / SAMPLES) === 0) await sample();
    }
  };
  let sampling = Promise.resolve();
  const sample = () => {
    sampling = sampling.then(async () => printLine({ soak: "sample", done, ...(await samples.take()) }));
    return sampling;
  };
  await Promise.all(Array.from({ length: options.together }, one));
  bar.stop();
  const seconds = (Date.now() - startedAt) / 1_000;
  printLine({ soak: "campaigns", done, seconds, perSecond: done / seconds, states });

  const judged = samples.judged();
  for (const line of judged) printLine({ soak: "level", ...line });
  const left = await untilGone(samples);
  printLine({
    soak: "left",
    keys: left.keys,
    ofCampaigns: left.ofCampaigns.length,
    such: left.ofCampaigns.slice(0, 10),
  });
  if (!judged.every(({ level }) => level) || left.ofCampaigns.length > 0) process.exitCode = 1;
});

/** What is left once every retention is over. */
async function untilGone(samples: ReturnType<typeof openSamples>) {
  for (const deadline = Date.now() + GONE_WITHIN_MS; ; await sleep(1_000)) {
    const left = await samples.left();
    if (left.ofCampaigns.length === 0 || Date.now() > deadline) return left;
  }
}
