import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import { Command, InvalidArgumentError } from "commander";
import { projectRoot } from "../project-root.mjs";
import { runScript, type ScriptLife } from "../script-life.ts";
import { openCampaigns } from "./campaigns.ts";
import { openSamples } from "./samples.ts";
import { openSoakStack } from "./stack.ts";

/** Samples a run: enough for medians of its quarters. */
const SAMPLES = 80;
const GONE_WITHIN_MS = 60_000;

const options = new Command()
  .name("npm run soak --")
  .description("Small campaigns through real processes: is their memory, and Redis', level?")
  .option("--campaigns <number>", "how many", whole, 2_000)
  .option("--minutes <number>", "no campaign is begun later", whole, 20)
  .option("--accounts <number>", "of how many accounts", whole, 8)
  .option("--together <number>", "how many are under way at once", whole, 24)
  .parse()
  .opts<{ campaigns: number; minutes: number; accounts: number; together: number }>();

await runScript(async (life) => {
  print({ soak: "machine", cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, ...options });
  const accounts = Array.from({ length: options.accounts }, (_, at) => `soak-${at + 1}`);
  const stack = await life.owns(openSoakStack(ownFolder(life), accounts));
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
    sampling = sampling.then(async () => print({ soak: "sample", done, ...(await samples.take()) }));
    return sampling;
  };
  await Promise.all(Array.from({ length: options.together }, one));
  bar.stop();
  const seconds = (Date.now() - startedAt) / 1_000;
  print({ soak: "campaigns", done, seconds, perSecond: done / seconds, states });

  const judged = samples.judged();
  for (const line of judged) print({ soak: "level", ...line });
  const left = await untilGone(samples);
  print({
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

function ownFolder(life: ScriptLife): string {
  mkdirSync(join(projectRoot, ".data"), { recursive: true });
  const dir = mkdtempSync(join(projectRoot, ".data/soak-"));
  life.onEnd((wentWell) => {
    if (wentWell && !process.exitCode) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    else process.stderr.write(`Logs and data are kept in ${dir}\n`);
  });
  return dir;
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError("expected a whole number of 1 or more");
  return number;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
