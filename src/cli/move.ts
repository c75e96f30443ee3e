import type { Command } from "commander";
import { type Move, movesOf } from "../campaign/move.ts";
import { type CampaignDesk, lookAt } from "./campaign-desk.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import { isConfirmed } from "./operator-desk.ts";
import { declined, type Run } from "./run.ts";
import type { Terminal } from "./terminal.ts";
import { personAtTerminal } from "./who.ts";

type Options = { reason?: string; yes?: true };

/** `qunfa campaign pause`, `resume` and `cancel`. */
export function addMoves(campaign: Command, run: Run<CampaignDesk>, terminal: Terminal): void {
  const words = campaignWordsIn[terminal.language];

  const add = (move: Move) =>
    campaign
      .command(move)
      .description(words.moves[move].about)
      .argument("<id>", words.id)
      .option("--reason <text>", words.reason)
      .addHelpText("after", words.moves[move].after.join("\n"));

  const make = async (desk: CampaignDesk, id: string, move: Move, why: string | undefined) => {
    const moved = await desk.campaigns.move(id, move, personAtTerminal(why));
    return { text: words.moves[move].done(words.states[moved.state]), data: moved };
  };

  for (const move of ["pause", "resume"] as const)
    add(move).action((id: string, { reason }: Options) => run((desk) => make(desk, id, move, reason)));

  add("cancel")
    .option("--yes", words.yes)
    .action((id: string, { reason, yes }: Options) =>
      run(async (desk) => {
        const { state } = (await lookAt(desk, id, words.noCampaign)).view;
        const asked = { question: words.ask(id, words.states[state]), nobody: words.nobody };
        // What will be refused needs no asking.
        const asks = !yes && movesOf(state).includes("cancel");
        if (asks && !(await isConfirmed(terminal, asked))) return declined(words.no, { id, state });
        return make(desk, id, "cancel", reason);
      }),
    );
}
