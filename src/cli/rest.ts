import { type CampaignDesk, lookAt } from "./campaign-desk.ts";
import { campaignWordsIn } from "./campaign-words.ts";
import { isConfirmed } from "./operator-desk.ts";
import { reviewWordsIn } from "./review-words.ts";
import { type Answer, declined } from "./run.ts";
import { count, type Terminal } from "./terminal.ts";
import { personAtTerminal } from "./who.ts";

type Wish = {
  readonly id: string;
  readonly partly?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly yes?: boolean | undefined;
};

/** `qunfa campaign send --rest-of`: to everybody who was in a batch that failed or was canceled. */
export async function sendRest(
  desk: CampaignDesk,
  { id, partly, reason, yes }: Wish,
  terminal: Terminal,
): Promise<Answer & { id?: string }> {
  const { rest: words } = reviewWordsIn[terminal.language];
  const { noCampaign, no, nobody } = campaignWordsIn[terminal.language];
  const { batches } = await lookAt(desk, id, noCampaign);
  const { numbers, partly: left } = await desk.campaigns.reviews.planAgain(id, { partly });
  const open = batches.filter(({ state }) => state === "needs_review").map(({ number }) => number);
  if (open.length > 0)
    terminal.stderr.write(`${words.underReview(open.join(", "), `qunfa batch review ${id} ${open[0]}`)}\n`);
  if (left.length > 0) terminal.stderr.write(`${words.left(left.join(", "))}\n`);
  if (!yes && numbers.length > 0) {
    const people = batches.reduce((sum, { number, size }) => sum + (numbers.includes(number) ? size : 0), 0);
    const question = words.ask(count(people), count(numbers.length));
    if (!(await isConfirmed(terminal, { question, nobody }))) return declined(no, { sent: false });
  }
  const again = await desk.campaigns.reviews.sendAgain(id, { partly }, personAtTerminal(reason));
  return { id: again.id, text: again.id, data: again };
}
