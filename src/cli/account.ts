import { type Command, InvalidArgumentError, Option } from "commander";
import type { QuotaLeft, QuotaState } from "../campaign/quota.ts";
import { viewQuota } from "../campaign/quota-view.ts";
import { Failure } from "../failure.ts";
import { viewHeard } from "../wechat/api-quota.ts";
import { Speed } from "../wechat/mass-desk.ts";
import { valueIn } from "../wechat/value-in.ts";
import { isConfirmed, type OperatorDesk, type QuotaRefresh } from "./operator-desk.ts";
import { type OperatorWords, operatorWordsIn } from "./operator-words.ts";
import { declined, type Run } from "./run.ts";
import { count, type Terminal, tableOf } from "./terminal.ts";
import { type WechatDesk, wechatIn } from "./wechat-desk.ts";
import { wechatWordsIn } from "./wechat-words.ts";
import { personAtTerminal } from "./who.ts";

type Desk = OperatorDesk & WechatDesk;
type QuotaOptions = { account?: string; refresh?: true; clear?: true; yes?: true };

/** `qunfa account speed` and `qunfa account quota`; answers the command, for others of its verbs. */
export function addAccount(program: Command, run: Run<Desk>, terminal: Terminal): Command {
  const all = operatorWordsIn[terminal.language];
  const { noAccount } = wechatWordsIn[terminal.language];
  const { accounts } = all;
  const { speed, quota, about } = accounts;
  const account = program
    .command("account")
    .alias("accounts")
    .description(about)
    .addHelpText("after", quota.after.join("\n"));

  account
    .command("speed")
    .description(speed.about)
    .argument("[id]", all.account)
    .option("--account <id>", accounts.same)
    .option("--set <number>", speed.set, (text) => {
      const parsed = Speed.safeParse(/^\d$/.test(text) ? Number(text) : text);
      if (!parsed.success) throw new InvalidArgumentError(speed.number);
      return parsed.data;
    })
    .addHelpText("after", speed.after.join("\n"))
    .action((named: string | undefined, { account, set }: { account?: string; set?: Speed }) => {
      const id = idIn("speed", named, account);
      return run(async (desk) => {
        wechatIn(desk, id, noAccount);
        const { massDesk } = desk.operate.wechatOf(id);
        if (set !== undefined) valueIn(await massDesk.setSpeed(set));
        const now = valueIn(await massDesk.getSpeed());
        const said = now.said ?? null;
        const rows = [
          speed.columns,
          [String(now.speed), count(now.listed), said === null ? "" : count(said)],
        ];
        const data = { account: id, speed: now.speed, recipientsPerMinute: { listed: now.listed, said } };
        return { text: tableOf(rows, ["right", "right", "right"]), data };
      });
    });

  account
    .command("quota")
    .description(quota.about)
    .argument("[id]", all.account)
    .option("--account <id>", accounts.same)
    .option("--refresh", quota.refresh)
    .addOption(new Option("--clear", quota.clear).conflicts("refresh"))
    .option("--yes", all.yes)
    .addHelpText("after", quota.after.join("\n"))
    .action((named: string | undefined, { account, refresh, clear, yes }: QuotaOptions) => {
      const id = idIn("quota", named, account);
      if (yes && !clear) throw new Failure("BAD_REQUEST", quota.asksNothing);
      return run(async (desk) => {
        wechatIn(desk, id, noAccount);
        const { operate } = desk;
        if (refresh) {
          const heard = await operate.quota.refresh(id);
          const text = [tellHeard(heard, quota), tell(heard.quota, quota), ...heard.warnings];
          const { apis, quota: state, ...rest } = heard;
          const data = { ...rest, wechat: apis.map(viewHeard), quota: viewQuota(state) };
          return { text: text.join("\n"), data };
        }
        if (clear) {
          const asked = { question: quota.ask(id), nobody: all.nobody };
          if (!yes && !(await isConfirmed(terminal, asked))) return declined(all.no, { cleared: false });
          const cleared = await operate.quota.clear(id, personAtTerminal());
          return {
            text: tell(cleared.quota, quota),
            data: { account: id, cleared: true, quota: viewQuota(cleared.quota) },
          };
        }
        const now = await operate.quota.read(id);
        return { text: tell(now, quota), data: viewQuota(now) };
      });
    });
  return account;

  /** Named as in `account check acme`, or by the option that other nouns need. */
  function idIn(verb: string, ...given: (string | undefined)[]): string {
    const [id, ...more] = given.filter((one) => one !== undefined);
    if (id === undefined || more.some((one) => one !== id))
      throw new Failure("BAD_REQUEST", accounts.which(verb));
    return id;
  }
}

type Words = OperatorWords["accounts"]["quota"];

function tell(state: QuotaState, { columns, names }: Words): string {
  const row = (name: string, { limit, used, external, held, left }: QuotaLeft) => [
    name,
    ...[limit, used, external, held, left].map(count),
  ];
  const rows = (["send", "uploadNews", "delete", "preview"] as const).map((api) =>
    row(names[api], state[api]),
  );
  const all = state.allCalls ? [row(names.allCalls, state.allCalls)] : [];
  return tableOf([columns, ...rows, ...all], ["left", "right", "right", "right", "right", "right"]);
}

function tellHeard({ apis }: QuotaRefresh, { said }: Words): string {
  const rows = apis.map((api) =>
    "said" in api
      ? [api.path, count(api.said.dailyLimit), count(api.said.used), count(api.said.left)]
      : [api.path, api.error.message, "", ""],
  );
  return tableOf([said, ...rows], ["left", "right", "right", "right"]);
}
