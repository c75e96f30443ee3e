import type { Command } from "commander";
import { type AuditEntry, viewAudit } from "../campaign/audit.ts";
import { Verdict } from "../campaign/batch.ts";
import { accountWordsIn } from "./account-words.ts";
import { type CampaignDesk, campaignIn } from "./campaign-desk.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import { requireAccount } from "./list-desk.ts";
import { operatorWordsIn } from "./operator-words.ts";
import { addPage, answerPage, type PageOptions, readPage } from "./page.ts";
import { type ReviewWords, reviewWordsIn } from "./review-words.ts";
import type { Run } from "./run.ts";
import { count, moment, type Terminal, tableOf } from "./terminal.ts";

type Options = PageOptions & { account: string; campaign?: string };

/** `qunfa account audit`. */
export function addAudit(account: Command, run: Run<CampaignDesk>, terminal: Terminal): void {
  const all = reviewWordsIn[terminal.language];
  const words = all.audit;
  const { list, noCampaign } = campaignWordsIn[terminal.language];
  const { noAccount } = accountWordsIn[terminal.language];

  const audit = account
    .command("audit")
    .description(words.about)
    .requiredOption("--account <id>", operatorWordsIn[terminal.language].account)
    .option("--campaign <id>", words.campaign);
  addPage(audit, list)
    .addHelpText("after", words.after.join("\n"))
    .action(({ account: id, campaign, limit, cursor }: Options) =>
      run(async (desk) => {
        const { accounts, reviews } = desk.campaigns;
        requireAccount({ accounts }, id, noAccount);
        const { items, nextCursor } = await readPage(() =>
          reviews.audit.list(id, { campaign, limit, cursor }),
        );
        // Of one that is past its retention the entries are left, and nothing else.
        if (campaign !== undefined && items.length === 0 && cursor === undefined)
          await campaignIn(desk, campaign, noCampaign);
        const rows = items.map(({ campaign: of = "", batch, why = "", ...entry }) => [
          ...[moment(entry.at), entry.who, tellAct(entry, all), of],
          ...[batch === undefined ? "" : count(batch), why],
        ]);
        const table = rows.length === 0 ? words.none : tableOf([words.columns, ...rows], columns);
        return answerPage({ table, views: items.map(viewAudit), nextCursor }, terminal, list);
      }),
    );
}

const columns: ("left" | "right")[] = ["left", "left", "left", "left", "right", "left"];

/** What was done, with what of its details says more than the other columns. */
function tellAct({ act, details = {} }: Pick<AuditEntry, "act" | "details">, words: ReviewWords): string {
  const { msgId, campaign, audience, articleIdx } = details;
  const { data: verdict } = Verdict.safeParse(details.verdict);
  const told = [
    ...(verdict === undefined ? [] : [words.review.verdicts[verdict]]),
    ...(campaign === undefined ? [] : [campaign]),
    ...(audience === undefined ? [] : [audience]),
    ...(articleIdx === undefined ? [] : [words.audit.article(count(Number(articleIdx)))]),
    ...(msgId === undefined ? [] : [`msg_id ${msgId}`]),
  ];
  return told.length === 0 ? act : `${act}: ${told.join(", ")}`;
}
