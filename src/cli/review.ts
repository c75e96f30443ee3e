import { type Command, InvalidArgumentError, Option } from "commander";
import type { Verdict } from "../campaign/batch.ts";
import { MsgId } from "../campaign/external-send.ts";
import { type ReviewSheet, viewReview } from "../campaign/review-view.ts";
import { Failure } from "../failure.ts";
import type { CampaignDesk } from "./campaign-desk.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import { isConfirmed } from "./operator-desk.ts";
import { type ReviewWords, reviewWordsIn } from "./review-words.ts";
import { type Answer, declined, type Run } from "./run.ts";
import { count, moment, type Terminal, tableOf } from "./terminal.ts";
import { personAtTerminal } from "./who.ts";

type Options = {
  sent?: true;
  notSent?: true;
  msgId?: string;
  sendAgain?: true;
  reason?: string;
  yes?: true;
};

type Words = ReviewWords["review"];

/** Batches that are asked for at once. */
const PAGE = 200;

/** `qunfa batch review`. */
export function addReview(batch: Command, run: Run<CampaignDesk>, terminal: Terminal): void {
  const all = reviewWordsIn[terminal.language];
  const { no, nobody, states } = campaignWordsIn[terminal.language];
  const words = all.review;

  batch
    .command("review")
    .description(words.about)
    .argument("[campaign]", all.campaign)
    .argument("[number]", all.number, (text) => {
      if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError(all.wrongNumber);
      return Number(text);
    })
    .addOption(new Option("--sent", words.sent).conflicts(["notSent", "sendAgain"]))
    .addOption(new Option("--not-sent", words.notSent).conflicts("msgId"))
    .option("--msg-id <digits>", words.msgId, (text) => {
      const id = MsgId.safeParse(text);
      if (!id.success) throw new InvalidArgumentError(words.digits);
      return id.data;
    })
    .option("--send-again", words.sendAgain)
    .option("--reason <text>", words.reason)
    .option("--yes", words.yes)
    .addHelpText("after", words.after.join("\n"))
    .action((id: string | undefined, number: number | undefined, options: Options) => {
      const verdict = verdictIn(options);
      if (id === undefined) {
        if (verdict !== undefined) throw new Failure("BAD_REQUEST", words.noNumber);
        return run(listOpen);
      }
      if (number === undefined) throw new Failure("BAD_REQUEST", words.noNumber);
      return run((desk) =>
        verdict === undefined ? show(desk, id, number) : settle(desk, id, number, { ...options, verdict }),
      );
    });

  function verdictIn({ sent, notSent, msgId, sendAgain, reason, yes }: Options): Verdict | undefined {
    const needsOne = reason !== undefined || yes;
    if ((msgId !== undefined && !sent) || (sendAgain && !notSent) || (needsOne && !sent && !notSent))
      throw new Failure("BAD_REQUEST", words.noVerdict);
    if (sent) return "sent";
    return notSent ? "not-sent" : undefined;
  }

  async function listOpen({ campaigns }: CampaignDesk): Promise<Answer> {
    const found = [];
    for (const account of campaigns.accounts.keys())
      for (let after: string | undefined; ; ) {
        const { items, next } = await campaigns.reviews.open(account, { after, limit: PAGE });
        found.push(...items);
        if (next === undefined) break;
        after = next;
      }
    const rows = found.map(({ campaign, batch }) => [
      ...[campaign.id, count(batch.number), count(batch.size)],
      ...[batch.closedAt === undefined ? "" : moment(batch.closedAt), batch.trouble?.message ?? ""],
    ]);
    const table = tableOf([words.columns, ...rows], ["left", "right", "right", "left", "left"]);
    const data = found.map(viewReview);
    return { text: rows.length === 0 ? words.none : table, data };
  }

  async function show({ campaigns }: CampaignDesk, id: string, number: number): Promise<Answer> {
    const sheet = await campaigns.reviews.look(id, number);
    return { text: tell(sheet, words), data: viewReview(sheet) };
  }

  async function settle(
    { campaigns }: CampaignDesk,
    id: string,
    number: number,
    { verdict, yes, reason, msgId, sendAgain }: Options & { verdict: Verdict },
  ): Promise<Answer> {
    const sheet = yes ? undefined : await campaigns.reviews.look(id, number);
    // What will be refused needs no asking.
    if (sheet && (sheet.batch.state === "needs_review" || sheet.batch.review)) {
      terminal.stderr.write(`${tell(sheet, words)}\n`);
      const question = words.ask(id, count(number), words.verdicts[verdict], sendAgain);
      if (!(await isConfirmed(terminal, { question, nobody }))) return declined(no, viewReview(sheet));
    }
    const wish = { verdict, by: personAtTerminal(reason), msgId, sendAgain };
    const { again = null, ...settled } = await campaigns.reviews.settle(id, number, wish);
    const lines = [tell(settled, words), ...(again ? [words.again(again.id, states[again.state])] : [])];
    return { text: lines.join("\n"), data: { ...viewReview(settled), again } };
  }
}

function tell({ campaign, batch, candidates }: ReviewSheet, words: Words): string {
  const { row } = words;
  const at = (time: number | undefined) => (time === undefined ? "" : moment(time));
  const { review, contradiction } = batch;
  const rows = [
    [row.batch, `${campaign.id} ${count(batch.number)}`],
    [row.state, batch.state],
    [row.size, batch.size === 0 ? "" : count(batch.size)],
    [row.why, (batch.reviewed ?? batch.trouble)?.message ?? ""],
    [row.calls, count(batch.calls)],
    [row.first, at(batch.doubted ?? batch.doubtSince)],
    [row.last, at(batch.callAt)],
    [row.accepted, at(batch.acceptedAt)],
    [row.msgId, batch.msgId ?? ""],
    [row.clientmsgid, batch.clientmsgid],
    [row.verdict, review ? words.by(words.verdicts[review.verdict], review.who, moment(review.at)) : ""],
    [row.contradiction, contradiction?.state ?? ""],
    [row.again, campaign.again?.[batch.number] ?? ""],
    ...candidates.map(({ msgId, receivedAt, result }) => [
      row.candidate,
      `${msgId} ${result.state} ${moment(receivedAt)}`,
    ]),
  ];
  return tableOf(
    rows.filter(([, value]) => value !== ""),
    ["left", "left"],
  );
}
