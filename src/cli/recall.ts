import { type Command, InvalidArgumentError } from "commander";
import { WHOLE } from "../campaign/recall.ts";
import { type RecallDone, type RecallPlan, viewRecall, viewRecalled } from "../campaign/recall-view.ts";
import type { FailureCode } from "../failure.ts";
import { isConfirmed, type OperatorDesk } from "./operator-desk.ts";
import { type OperatorWords, operatorWordsIn } from "./operator-words.ts";
import { declined, type Run } from "./run.ts";
import { count, moment, type Terminal, tableOf } from "./terminal.ts";
import { personAtTerminal } from "./who.ts";

type Options = { article?: number; reason?: string; yes?: true };

/** `qunfa campaign recall`. */
export function addRecall(campaign: Command, run: Run<OperatorDesk>, terminal: Terminal): void {
  const all = operatorWordsIn[terminal.language];
  const words = all.recall;

  campaign
    .command("recall")
    .description(words.about)
    .argument("<id>", words.id)
    .option("--article <number>", words.article, (text) => {
      if (!/^[1-8]$/.test(text)) throw new InvalidArgumentError(words.number);
      return Number(text);
    })
    .option("--reason <text>", all.reason)
    .option("--yes", all.yes)
    .addHelpText("after", words.after.join("\n"))
    .action(async (id: string, { article = WHOLE, reason, yes }: Options) => {
      await run(async ({ operate: { recall } }) => {
        const plan = await recall.plan(id, article);
        const ready = !plan.mustCancel && plan.deletes.needed > 0;
        if (!yes) {
          terminal.stderr.write(`${tell(plan, words)}\n`);
          const asked = { question: words.ask, nobody: all.nobody };
          if (ready && !(await isConfirmed(terminal, asked))) return declined(all.no, viewRecall(plan));
        }
        const done = await recall.recall(id, article, personAtTerminal(reason));
        return { text: tellDone(done, words), data: viewRecalled(done), failed: failureOf(done) };
      });
    });
}

type Words = OperatorWords["recall"];

function tell(plan: RecallPlan, words: Words): string {
  const { messages, cannot, deletes, sharing } = plan;
  const rows = [
    ...messages.map(({ number, msgId, at, inDoubt, trouble }) => {
      const open = trouble?.message ?? (inDoubt ? words.doubt : words.open);
      return { number, row: [msgId, at === undefined ? open : words.recalled(moment(at))] };
    }),
    ...cannot.map(({ number, message }) => ({ number, row: ["", message] })),
  ].sort((one, other) => one.number - other.number);
  const table = tableOf(
    [words.columns, ...rows.map(({ number, row }) => [count(number), ...row])],
    ["right", "left", "left"],
  );
  const lines = [table];
  if (plan.mustCancel) lines.push(words.mustCancel);
  if (messages.length === 0) lines.push(words.nothing);
  else lines.push(words.calls(count(deletes.needed), count(deletes.left)), words.cards);
  if (messages.length > 0) {
    const ids = sharing.campaigns.map(({ id }) => id).join(", ");
    lines.push(ids === "" ? words.alone : words.sharing(ids));
  }
  if (sharing.more) lines.push(words.bound(count(sharing.lookedAt)));
  return lines.join("\n");
}

function tellDone(done: RecallDone, words: Words): string {
  const end = done.done
    ? words.done
    : done.stopped
      ? words.stopped(done.stopped.trouble.message)
      : words.partly;
  return `${tell(done, words)}\n${end}`;
}

function failureOf({ done, stopped }: RecallDone): FailureCode | undefined {
  if (done) return undefined;
  if (!stopped) return "WECHAT_REFUSED";
  if (stopped.reason === "daily-quota" || stopped.reason === "minute-quota") return "QUOTA_SPENT";
  return stopped.reason === "unclear" || stopped.reason === "unreachable"
    ? "WECHAT_UNREACHABLE"
    : "WECHAT_NOT_NOW";
}
