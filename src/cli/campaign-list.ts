import { type Command, InvalidArgumentError } from "commander";
import { CampaignState } from "../campaign/campaign.ts";
import { type CampaignDesk, lookAt } from "./campaign-desk.ts";
import { tellCampaign, tellState } from "./campaign-table.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import type { Run } from "./run.ts";
import { count, moment, type Terminal, tableOf } from "./terminal.ts";

type ListOptions = { account?: string; state?: CampaignState; limit: number; cursor?: string };

/** `qunfa campaign list` and `show`. */
export function addCampaignReads(campaign: Command, run: Run<CampaignDesk>, terminal: Terminal): void {
  const words = campaignWordsIn[terminal.language];
  const { list, show } = words;

  campaign
    .command("list")
    .description(list.about)
    .option("--account <id>", words.account)
    .option("--state <state>", list.state, stateIn)
    .option("--limit <number>", list.limit, limitIn, 50)
    .option("--cursor <cursor>", list.cursor)
    .addHelpText("after", list.after.join("\n"))
    .action((query: ListOptions) =>
      run(async ({ campaigns }) => {
        const { items, nextCursor } = await campaigns.list(query);
        const all = await Promise.all(
          items.map(async (one) => ({
            createdAt: one.createdAt,
            view: campaigns.view(one, one.report ? [] : await campaigns.batchesOf(one)),
          })),
        );
        const rows = all.map(({ createdAt, view: { id, account, state, progress, name } }) => [
          ...[id, account, tellState(state, words, terminal.paint)],
          ...[`${progress.percent}%`, count(progress.recipients.sent), moment(createdAt), name ?? ""],
        ]);
        const table = tableOf(
          [list.columns, ...rows],
          ["left", "left", "left", "right", "right", "left", "left"],
        );
        const lines = [rows.length === 0 ? list.none : table];
        if (nextCursor !== null) lines.push(list.more(nextCursor));
        const views = all.map(({ view }) => view);
        return { text: lines.join("\n"), data: { items: views, nextCursor }, rows: views };
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

  function limitIn(text: string): number {
    const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    if (limit >= 1 && limit <= 200) return limit;
    throw new InvalidArgumentError(list.wrongLimit);
  }
}
