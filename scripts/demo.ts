import { Queue, QueueEvents } from "bullmq";
import { type Options, Presets, SingleBar } from "cli-progress";
import Table from "cli-table3";
import { ListReport, Progress } from "../src/campaign/report.ts";
import { Failure } from "../src/failure.ts";
import { demoAccount } from "../src/sandbox/demo-account.ts";
import { demoAudience } from "./demo-audience.ts";
import { type Words, wordsFor } from "./demo-words.ts";
import { openOwnFolder } from "./own-folder.ts";
import { findFreePort } from "./redis-server.ts";
import { runScript, type ScriptLife } from "./script-life.ts";
import { openStack, type Stack } from "./stack.ts";

/** One whole campaign on an empty Redis and free ports of its own; everything is stopped at the end. */
await runScript(async (life) => {
  const startedAt = Date.now();
  const words = wordsFor(process.env);
  say(words.starting);
  const dir = openOwnFolder(life, "demo");
  const opening = openStack({
    dir,
    redis: { dir },
    serverPort: await findFreePort(),
    sandboxPort: await findFreePort(),
    env: ownEnvironment(),
  });
  const stack = await life.owns(opening);
  const report = await runCampaign(stack, words, life);

  say(`\n${words.report}`);
  say(reportTable(report, words));
  if (report.state !== "completed") throw new Failure("INTERNAL", `The campaign has ended: ${report.state}`);
  await life.end();
  say(words.took(((Date.now() - startedAt) / 1_000).toFixed(1)));
  for (const line of words.next) say(line);
});

/** Shows the campaign's progress until its report is there, or until a process has ended that it needs. */
async function runCampaign(stack: Stack, words: Words, life: ScriptLife): Promise<ListReport> {
  const connection = { url: stack.redisUrl };
  const campaigns = new Queue("campaigns", { connection, prefix: "{qunfa}" });
  const events = new QueueEvents("campaigns", { connection, prefix: "{qunfa}" });
  // A Redis that has ended is told of once, by the stack.
  campaigns.on("error", () => {});
  events.on("error", () => {});
  // After trouble Redis may be gone, and a close would wait for it.
  life.onEnd((wentWell) => wentWell && Promise.all([campaigns.close(), events.close()]));

  const openids = demoAudience(demoAccount.id);
  say(words.enqueueing(count(openids.length)));
  const progress = openProgress(words);
  life.onEnd(progress.close);
  events.on("progress", ({ data }) => progress.show(Progress.parse(data)));
  try {
    return await Promise.race([enqueue(campaigns, events, openids), stack.ended]);
  } finally {
    progress.close();
  }
}

/**
 * Adds the campaign and waits for its report. The queue holds nothing else, so its events are enough:
 * `job.waitUntilFinished` leaves a rejection that nobody can catch when it is closed under its feet.
 */
async function enqueue(
  campaigns: Queue,
  events: QueueEvents,
  openids: readonly string[],
): Promise<ListReport> {
  await events.waitUntilReady();
  const finished = new Promise<unknown>((resolve, reject) => {
    events.on("completed", ({ returnvalue }) => resolve(returnvalue));
    events.on("failed", ({ failedReason }) => reject(new Failure("INTERNAL", failedReason)));
  });
  const campaign = {
    account: demoAccount.id,
    name: "Demo",
    message: { msgtype: "text", text: { content: "群发助手：您好！" } },
    audience: { type: "openids", openids },
  };
  const [report] = await Promise.all([finished, campaigns.add("campaign", campaign, { jobId: "demo" })]);
  return ListReport.parse(report);
}

/** Nothing of the user's own settings: the demo must not meet a real account or Redis. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(QUNFA_|REDIS_URL$|PORT$|HOST$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** A bar on a terminal, lines elsewhere. */
function openProgress(words: Words) {
  const figures = ({ recipients }: Progress) => ({
    accepted: count(recipients.submitted),
    sent: count(recipients.sent),
  });
  if (!process.stdout.isTTY)
    return {
      show: (progress: Progress) => {
        const { accepted, sent } = figures(progress);
        say(words.progress(progress.percent, accepted, sent));
      },
      close: () => {},
    };
  const options: Options = { format: words.bar, hideCursor: true, stream: process.stdout };
  const bar = new SingleBar(options, Presets.shades_classic);
  bar.start(100, 0, { accepted: "0", sent: "0" });
  return {
    show: (progress: Progress) => bar.update(progress.percent, figures(progress)),
    close: () => bar.stop(),
  };
}

function reportTable(
  { state, audience, batches, recipients, sendCalls }: ListReport,
  { rows }: Words,
): string {
  const noLines = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const table = new Table({ colAligns: ["left", "right"], chars: noLines, style: { head: [], border: [] } });
  const line = (label: string, value: number | string) =>
    table.push([label, typeof value === "number" ? count(value) : value]);
  line(rows.state, state);
  for (const field of ["received", "invalid", "duplicate", "excluded", "capped", "admitted"] as const)
    line(rows[field], audience[field]);
  line(rows.batches, `${batches.planned} / ${batches.succeeded}`);
  for (const field of ["total", "filtered", "sent", "failed"] as const) line(rows[field], recipients[field]);
  line(rows.calls, sendCalls);
  return table.toString();
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
