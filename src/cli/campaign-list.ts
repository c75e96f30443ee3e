import { type Command, InvalidArgumentError } from "commander";
import { CampaignState } from "../campaign/campaign.ts";
import { accountWordsIn } from "./account-words.ts";
import { type CampaignDesk, lookAt } from "./campaign-desk.ts";
import { tellCampaigns } from "./campaign-rows.ts";
import { tellCampaign } from "./campaign-table.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import { requireAccount } from "./list-desk.ts";
import { addPage, answerPage, type PageOptions, readPage } from "./page.ts";
import type { Run } from "./run.ts";
import type { Terminal } from "./terminal.ts";

type ListOptions = PageOptions & { account?: string; state?: CampaignState };

/** `qunfa campaign list` and `show`. */
export function addCampaignReads(campaign: Command, run: Run<CampaignDesk>, terminal: Terminal): void {
  const words = campaignWordsIn[terminal.language];
  const { list, show } = words;
  const { noAccount } = accountWordsIn[terminal.language];

  const command = campaign
    .command("list")
    .description(list.about)
    .option("--account <id>", words.account)
    .option("--state <state>", list.state, stateIn);
  addPage(command, list)
    .addHelpText("after", list.after.join("\n"))
    .action((query: ListOptions) =>
      run(async ({ campaigns }) => {
        if (query.account !== undefined) requireAccount(campaigns, query.account, noAccount);
        const { items, nextCursor } = await readPage(() => campaigns.list(query));
        const all = await Promise.all(
          items.map(async (one) => ({
            createdAt: one.createdAt,
            view: campaigns.view(one, one.report ? [] : await campaigns.batchesOf(one)),
          })),
        );
        const table = all.length === 0 ? list.none : tellCampaigns(all, words, terminal);
        return answerPage({ table, views: all.map(({ view }) => view), nextCursor }, terminal, list);
      }),
    );

  campaign
    .command("show")
    .description(show.about)
    .argument("<id>", words.id)
    .addHelpText("after", show.after.join("\n"))
    .action((id: string) =>
      run(async (desk) => {
        const looked = await lookAt(desk, id, words.noCampaign);
        const batches = looked.batches.map((batch) => desk.campaigns.viewBatch(batch, looked.campaign));
        return {
          text: tellCampaign(looked, words, terminal.paint),
          data: { ...looked.view, batches },
        };
      }),
    );

  function stateIn(text: string): CampaignState {
    const state = CampaignState.safeParse(text);
    if (state.success) return state.data;
    throw new InvalidArgumentError(list.wrongState(CampaignState.options.join(", ")));
  }
}
