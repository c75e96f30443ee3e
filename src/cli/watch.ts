import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { type CampaignState, isEnded } from "../campaign/campaign.ts";
import { Failure } from "../failure.ts";
import { isRedisAway } from "../store/redis-away.ts";
import { type CampaignDesk, lookAt } from "./campaign-desk.ts";
import { tellCampaign, tellWaiting } from "./campaign-table.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import { openProgressBar } from "./progress-bar.ts";
import { type Answer, INTERRUPTED, type Run } from "./run.ts";
import { count, type Terminal } from "./terminal.ts";

const LOOK_MS = 500;

/** A Redis that is away for less than this is waited for: the campaign waits too. */
const PATIENCE_MS = 60_000;

const EXITS: Readonly<Partial<Record<CampaignState, number>>> = {
  completed: 0,
  failed: 1,
  canceled: 2,
  partly_completed: 3,
};

/** `qunfa campaign watch`. */
export function addWatch(campaign: Command, run: Run<CampaignDesk>, terminal: Terminal): void {
  const { watch, id } = campaignWordsIn[terminal.language];
  campaign
    .command("watch")
    .description(watch.about)
    .argument("<id>", id)
    .addHelpText("after", watch.after.join("\n"))
    .action((id: string) => run((desk) => watchCampaign(desk, id, terminal)));
}

/**
 * Looks at a campaign until it has ended, which the exit code tells: a bar on a terminal, else a line for each
 * change. Ctrl-C ends the looking only. Redis has to answer at first; when it goes away then, it is waited for.
 *
 * @throws Failure NOT_FOUND, REDIS_AWAY
 */
export async function watchCampaign(desk: CampaignDesk, id: string, terminal: Terminal): Promise<Answer> {
  const words = campaignWordsIn[terminal.language];
  const stopping = new AbortController();
  const ignore = terminal.onInterrupt(() => stopping.abort());
  const bar = openProgressBar(terminal, words.watch.bar, 100);
  let last = "";
  let looked = await lookAt(desk, id, words.noCampaign);
  try {
    for (;;) {
      tell();
      const { view } = looked;
      if (isEnded(view.state) && view.report) {
        bar.stop();
        const text = tellCampaign(looked, words, terminal.paint);
        return { text, data: view, rows: [], exitCode: EXITS[view.state] };
      }
      await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) break;
      const next = await patiently(() => lookAt(desk, id, words.noCampaign));
      if (stopping.signal.aborted || !next) break;
      looked = next;
    }
    bar.stop();
    terminal.stderr.write(`${words.watch.left}\n`);
    return { text: "", data: looked.view, rows: [], exitCode: INTERRUPTED };
  } finally {
    bar.stop();
    ignore();
  }

  function tell(): void {
    const { view } = looked;
    const { percent, recipients } = view.progress;
    const state = words.states[view.state];
    const waits = tellWaiting(view, words);
    bar.show(percent, waits === "" ? state : `${state}: ${waits}`);
    const output = terminal.output();
    if (output === "json" || (output === "table" && bar.isSeen)) return;
    const facts = [
      state,
      words.watch.line(percent, count(recipients.sent)),
      ...(waits === "" ? [] : [waits]),
    ];
    const line = output === "ndjson" ? JSON.stringify(view) : facts.join(", ");
    if (line !== last) terminal.stdout.write(`${line}\n`);
    last = line;
  }

  /**
   * Answers undefined when it is told to stop.
   *
   * @throws Failure REDIS_AWAY after a minute of it
   */
  async function patiently<Value>(look: () => Promise<Value>): Promise<Value | undefined> {
    const until = Date.now() + PATIENCE_MS;
    for (let tries = 1; !stopping.signal.aborted; tries++) {
      try {
        return await look();
      } catch (error) {
        if (!isRedisAway(error)) throw error;
        if (Date.now() > until) throw new Failure("REDIS_AWAY", words.watch.gone, { cause: error });
        if (tries === 1) tellAway();
        await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
    return undefined;
  }

  /** A bar has its own place for it, and is drawn anew when Redis is back. */
  function tellAway(): void {
    if (terminal.output() !== "table") return;
    if (bar.isSeen) bar.show(looked.view.progress.percent, words.watch.away);
    else terminal.stderr.write(`${words.watch.away}\n`);
  }
}
