import { type Command, InvalidArgumentError } from "commander";
import { viewAudit } from "../campaign/audit.ts";
import { Failure } from "../failure.ts";
import type { CampaignDesk } from "./campaign-desk.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import { operatorWordsIn } from "./operator-words.ts";
import { reviewWordsIn } from "./review-words.ts";
import type { Run } from "./run.ts";
import { count, moment, type Terminal, tableOf } from "./terminal.ts";
import { wechatWordsIn } from "./wechat-words.ts";

type Options = { account: string; campaign?: string; limit: number; cursor?: string };

/** `qunfa account audit`. */
export function addAudit(account: Command, run: Run<CampaignDesk>, terminal: Terminal): void {
  const { audit: words } = reviewWordsIn[terminal.language];
  const { list } = campaignWordsIn[terminal.language];
  const { noAccount } = wechatWordsIn[terminal.language];

  account
    .command("audit")
    .description(words.about)
    .requiredOption("--account <id>", operatorWordsIn[terminal.language].account)
    .option("--campaign <id>", words.campaign)
    .option("--limit <number>", list.limit, limitIn, 50)
    .option("--cursor <cursor>", list.cursor)
    .addHelpText("after", words.after.join("\n"))
    .action(({ account: id, campaign, limit, cursor }: Options) =>
      run(async ({ campaigns }) => {
        if (!campaigns.accounts.has(id))
          throw new Failure("NOT_FOUND", noAccount([...campaigns.accounts.keys()].join(", ")));
        const { items, nextCursor } = await campaigns.reviews.audit.list(id, { campaign, limit, cursor });
        const rows = items.map(({ at, who, act, campaign: of = "", batch, why = "" }) => [
          ...[moment(at), who, act, of, batch === undefined ? "" : count(batch), why],
        ]);
        const lines = [rows.length === 0 ? words.none : tableOf([words.columns, ...rows], columns)];
        if (nextCursor !== null) lines.push(list.more(nextCursor));
        const views = items.map(viewAudit);
        return { text: lines.join("\n"), data: { items: views, nextCursor }, rows: views };
      }),
    );

  function limitIn(text: string): number {
    if (/^([1-9]\d?|1\d\d|200)$/.test(text)) return Number(text);
    throw new InvalidArgumentError(list.wrongLimit);
  }
}

const columns: ("left" | "right")[] = ["left", "left", "left", "left", "right", "left"];
