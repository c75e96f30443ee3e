import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseCampaign } from "../campaign/body.ts";
import { CampaignId, isQueueNumber, isQueueWord } from "../campaign/campaign-id.ts";
import type { StoredList } from "../campaign/list.ts";
import { Failure } from "../failure.ts";
import { type BodyOptions, inFlags } from "./body-flags.ts";
import { type AskedBody, readBody } from "./campaign-body.ts";
import type { CampaignDesk } from "./campaign-desk.ts";
import { besides } from "./help.ts";
import { heedInterrupt } from "./interrupt.ts";
import { holdList, readListFile } from "./list-file.ts";
import { isConfirmed } from "./operator-desk.ts";
import { refusePast } from "./past.ts";
import { tellPlan, viewPlan } from "./plan-table.ts";
import { sendRest } from "./rest.ts";
import { reviewWordsIn } from "./review-words.ts";
import { type Answer, declined, INTERRUPTED, type Run } from "./run.ts";
import { type SendWords, sendWordsIn } from "./send-words.ts";
import type { Terminal } from "./terminal.ts";
import { watchCampaign } from "./watch.ts";
import { parseAs } from "./wechat-desk.ts";

type SendOptions = BodyOptions & {
  id?: string;
  dryRun?: true;
  yes?: true;
  watch?: true;
  restOf?: string;
  partly?: true;
  reason?: string;
};

/** `qunfa campaign send` and `plan`. */
export function addSend(campaign: Command, run: Run<CampaignDesk>, terminal: Terminal): void {
  const words = sendWordsIn[terminal.language];
  const { options, send, plan } = words;
  const { rest } = reviewWordsIn[terminal.language];
  const read = (path: string | undefined, given: BodyOptions, asks = false) => {
    const taken = [path, given.audience].filter((one) => one === "-");
    if (taken.length > 1) throw new Failure("BAD_REQUEST", words.twice);
    // What has been read to its end can't answer a question.
    if (asks && taken.length > 0) throw new Failure("BAD_REQUEST", words.nobody);
    return readBody(path, given, terminal.stdin, words.noJson);
  };

  addBodyOptions(campaign.command("plan").description(plan.about), words)
    .addHelpText("after", plan.after.join("\n"))
    .action(async (path: string | undefined, given: BodyOptions) => {
      const asked = await read(path, given);
      await run((desk) => planOf(desk, asked));
    });

  addBodyOptions(campaign.command("send").description(send.about), words)
    .option("--id <id>", options.id)
    .option("--yes", options.yes)
    .addOption(besides("--dry-run").conflicts(["id", "yes", "watch"]))
    .addOption(besides("--watch"))
    .addOption(new Option("--rest-of <id>", rest.option).conflicts(["id", "dryRun"]))
    .addOption(besides("--partly"))
    .addOption(besides("--reason <text>"))
    .addHelpText("after", send.after.join("\n"))
    .action(async (path: string | undefined, all: SendOptions) => {
      const { id, dryRun, yes, watch, restOf, partly, reason, ...given } = all;
      if (restOf !== undefined) {
        if (path !== undefined || Object.keys(given).length > 0) throw new Failure("BAD_REQUEST", rest.alone);
        return run(async (desk) => {
          const answer = await sendRest(desk, { id: restOf, partly, reason, yes }, terminal);
          return watch && answer.id !== undefined ? watchAfter(desk, answer.id as CampaignId) : answer;
        });
      }
      if (partly || reason !== undefined) throw new Failure("BAD_REQUEST", rest.only);
      const wanted = idIn(id);
      const asked = await read(path, given, !yes && !dryRun);
      await run(async (desk) => {
        if (dryRun) return planOf(desk, asked);
        const answer = await heedInterrupt(terminal, (signal) =>
          inFlags(asked.given, words, () => sendOf(desk, asked, { id: wanted, yes, signal })),
        );
        return watch && answer.id !== undefined ? watchAfter(desk, answer.id) : answer;
      });
    });

  async function watchAfter(desk: CampaignDesk, id: CampaignId) {
    if (terminal.output() === "table") terminal.stdout.write(`${id}\n`);
    return watchCampaign(desk, id, terminal);
  }

  function planOf({ campaigns }: CampaignDesk, { body, file, given }: AskedBody): Promise<Answer> {
    return inFlags(given, words, async () => {
      const { schedule = {} } = parseCampaign(body, campaigns.accounts);
      refusePast(schedule, campaigns.now(), words);
      const held =
        file && (await readListFile(terminal, { path: file.path, bar: words.bar }, (some) => holdList(some)));
      const found = await campaigns.plan(body, held && { ...held, id: file.id });
      return { text: tellPlan(found, words), data: viewPlan(found) };
    });
  }

  async function sendOf(
    desk: CampaignDesk,
    { body: asked, file }: AskedBody,
    { id, yes, signal }: { id: CampaignId; yes: true | undefined; signal: AbortSignal },
  ): Promise<Answer & { id?: CampaignId }> {
    const { campaigns } = desk;
    const { schedule = {} } = parseCampaign(asked, campaigns.accounts);
    const isKnown = (await campaigns.find(id)) !== undefined;
    // The same command again is no other campaign, whatever the time.
    if (!isKnown) refusePast(schedule, campaigns.now(), words);
    const stored = file && (await store(desk, file.path, id));
    const body = stored ? { ...asked, audience: { type: "list", audienceId: stored.list.id } } : asked;
    const letGo = async () => {
      if (stored?.isNew) await campaigns.removeList(stored.list.id);
    };
    try {
      if (!yes && !isKnown) {
        const plan = await campaigns.plan(body);
        signal.throwIfAborted();
        terminal.stderr.write(`${tellPlan(plan, words)}\n`);
        const said = await ask();
        if (said !== "yes") {
          await letGo();
          const answer = declined(words.no, { sent: false, plan: viewPlan(plan) });
          return said === "interrupted" ? { ...answer, exitCode: INTERRUPTED } : answer;
        }
      }
      signal.throwIfAborted();
      const { campaign, isNew } = await campaigns.takeIn(id, body);
      if (!isNew) terminal.stderr.write(`${words.known}\n`);
      const { state } = campaigns.view(campaign, await campaigns.batchesOf(campaign));
      return { id, text: id, data: { id, state, isNew } };
    } catch (error) {
      // Should it not go now, it goes by itself once it is past its retention.
      await letGo().catch(() => {});
      throw error;
    }
  }

  /** Ctrl-C is a no too: what was stored for the campaign is not to stay. */
  async function ask(): Promise<"yes" | "no" | "interrupted"> {
    const answered = isConfirmed(terminal, { question: words.ask, nobody: words.nobody });
    let ignore = () => {};
    const interrupted = new Promise<"interrupted">((resolve) => {
      ignore = terminal.onInterrupt(() => {
        terminal.stderr.write("\n");
        // Read any longer, it would keep the process.
        terminal.stdin.destroy();
        resolve("interrupted");
      });
    });
    const said = answered.then((yes) => (yes ? "yes" : "no"));
    return Promise.race([said, interrupted]).finally(ignore);
  }

  /**
   * Stores a file of people. The list that the campaign of this id has is named in its place when it is the same,
   * so that the same command again is the same campaign.
   */
  async function store(
    { campaigns }: CampaignDesk,
    path: string,
    id: CampaignId,
  ): Promise<{ list: StoredList; isNew: boolean }> {
    const file = { path, bar: words.bar };
    const name = path === "-" ? id : basename(path).slice(0, 200);
    const list = await readListFile(terminal, file, (entries) =>
      campaigns.lists.store(entries, { name, now: campaigns.now() }),
    );
    const known = (await campaigns.find(id))?.list;
    const before = known === undefined ? undefined : await campaigns.lists.find(known);
    if (!before || !isSame(before, list)) return { list, isNew: true };
    await campaigns.removeList(list.id);
    return { list: before, isNew: false };
  }
}

function isSame(one: StoredList, other: StoredList): boolean {
  return one.sha256 === other.sha256 && one.received === other.received && one.invalid === other.invalid;
}

/** The id that was given, or a new one. Throws INVALID_PARAMETER for one that can't be a campaign's. */
function idIn(given: string | undefined): CampaignId {
  if (given === undefined) return randomUUID() as CampaignId;
  const id = parseAs(CampaignId, given, "INVALID_PARAMETER", "--id");
  if (isQueueNumber(id) || isQueueWord(id))
    throw new Failure(
      "INVALID_PARAMETER",
      "--id: expected neither digits alone nor one of the queue's own words",
    );
  return id;
}

function addBodyOptions(command: Command, { file, options, number }: SendWords): Command {
  const audiences = ["audience", "list", "tag", "all"];
  const to = (option: Option) =>
    option.conflicts(audiences.filter((name) => name !== option.attributeName()));
  return command
    .argument("[file]", file)
    .option("--account <id>", options.account)
    .option("--text <text>", options.text)
    .addOption(to(new Option("--audience <file>", options.audience)))
    .addOption(to(besides("--list <id>")))
    .addOption(
      to(besides("--tag <number>")).argParser((text) => {
        if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(number);
        return Number(text);
      }),
    )
    .addOption(to(besides("--all")))
    .option("--name <text>", options.name)
    .option("--at <time>", options.at)
    .option("--window <from-to>", options.window)
    .addOption(besides("--deadline <time>"))
    .option("--hold", options.hold)
    .addOption(besides("--over-cap <what>"))
    .addOption(besides("--notify-url <url>"));
}
