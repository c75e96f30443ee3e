import type { Command } from "commander";
import type { CampaignDesk } from "./campaign-desk.ts";
import { addCampaignReads } from "./campaign-list.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import { addExport } from "./export.ts";
import { addMoves } from "./move.ts";
import type { OperatorDesk } from "./operator-desk.ts";
import { addRecall } from "./recall.ts";
import type { Run } from "./run.ts";
import { addSend } from "./send.ts";
import type { Terminal } from "./terminal.ts";
import { addWatch } from "./watch.ts";

/** `qunfa campaign …`, its verbs in the order of a campaign's life. */
export function addCampaign(
  program: Command,
  run: Run<CampaignDesk & OperatorDesk>,
  terminal: Terminal,
): void {
  const { about, example } = campaignWordsIn[terminal.language];
  const campaign = program
    .command("campaign")
    .alias("campaigns")
    .description(about)
    .addHelpText("after", example.join("\n"));
  addSend(campaign, run, terminal);
  addCampaignReads(campaign, run, terminal);
  addWatch(campaign, run, terminal);
  addMoves(campaign, run, terminal);
  addRecall(campaign, run, terminal);
  addExport(campaign, run, terminal);
}
