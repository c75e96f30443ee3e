import type { Command } from "commander";
import { type CampaignDesk, lookAt } from "./campaign-desk.ts";
import { tellBatches } from "./campaign-table.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import type { Run } from "./run.ts";
import type { Terminal } from "./terminal.ts";

/** `qunfa batch list`; answers the command, for others of its verbs. */
export function addBatch(program: Command, run: Run<CampaignDesk>, terminal: Terminal): Command {
  const words = campaignWordsIn[terminal.language];
  const { about, example, list } = words.batch;
  const batch = program
    .command("batch")
    .alias("batches")
    .description(about)
    .addHelpText("after", example.join("\n"));

  batch
    .command("list")
    .description(list.about)
    .argument("<campaign>", words.id)
    .addHelpText("after", list.after.join("\n"))
    .action((id: string) =>
      run(async (desk) => {
        const { campaign, batches } = await lookAt(desk, id, words.noCampaign);
        const text = batches.length === 0 ? list.none : tellBatches(batches, words, terminal.paint);
        return { text, data: batches.map((batch) => desk.campaigns.viewBatch(batch, campaign)) };
      }),
    );
  return batch;
}
