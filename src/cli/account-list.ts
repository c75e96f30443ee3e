import type { Command } from "commander";
import type { Account } from "../campaign/account.ts";
import { Failure } from "../failure.ts";
import { type Activity, readActive, tellActive } from "./account-active.ts";
import { checkAccount } from "./account-check.ts";
import { accountWordsIn } from "./account-words.ts";
import type { CampaignDesk } from "./campaign-desk.ts";
import { look } from "./check.ts";
import { type Doctor, tellChecks } from "./doctor.ts";
import { doctorWordsIn } from "./doctor-words.ts";
import type { Answer, Run } from "./run.ts";
import { count, type Terminal, tableOf } from "./terminal.ts";
import { urlIn } from "./url-in.ts";
import { personAtTerminal } from "./who.ts";

type Parts = {
  readonly run: Run<CampaignDesk>;
  /** What needs no ledger goes past it. */
  readonly openDoctor: () => Promise<Doctor>;
  readonly tell: (answer: Answer) => void;
};

/** `qunfa account list`, `check`, `pause` and `resume`. */
export function addAccounts(account: Command, { run, openDoctor, tell }: Parts, terminal: Terminal): void {
  const words = accountWordsIn[terminal.language];
  const { list, check, moves } = words;

  account
    .command("list")
    .description(list.about)
    .addHelpText("after", list.after.join("\n"))
    .action(async () => {
      const doctor = await openDoctor();
      const all = doctor.readAccounts();
      const active = await readActive(doctor, all);
      const rows = all.map(({ id, kind, appid, limits, window, encodingAESKey }, place) => [
        ...[id, stateCell(active[place])],
        ...[kind, appid, count(limits.sendCallsPerDay), count(limits.perUserPerMonth)],
        window ? `${window.from}-${window.to}` : "",
        `/wechat/${id}/callback (${encodingAESKey === undefined ? list.plain : list.sealed})`,
      ]);
      const aligns = ["left", "left", "left", "left", "right", "right", "left", "left"] as const;
      const data = all.map((one, place) => viewOf(one, active[place]));
      tell({ text: tableOf([list.columns, ...rows], [...aligns]), data });
    });

  account
    .command("check")
    .description(check.about)
    .argument("<id>", words.id)
    .option("--url <url>", check.url, urlIn(terminal.language))
    .addHelpText("after", check.after.join("\n"))
    .action(async (id: string, { url }: { url?: string }) => {
      const doctor = await openDoctor();
      const found = accountIn(doctor.readAccounts(), id);
      const [[active], ofAccount, quota] = await Promise.all([
        readActive(doctor, [found]),
        checkAccount(doctor.checkup(), found, url),
        look("quota", () => doctor.readSendsLeft(found), { account: id }),
      ]);
      const checks = [tellActive(id, active), ...ofAccount, quota];
      tell(tellChecks(checks, doctorWordsIn[terminal.language], terminal.paint));
    });

  for (const move of ["pause", "resume"] as const)
    account
      .command(move)
      .description(moves[move].about)
      .argument("<id>", words.id)
      .option("--reason <text>", words.reason)
      .addHelpText("after", moves[move].after.join("\n"))
      .action((id: string, { reason }: { reason?: string }) =>
        run(async ({ campaigns }) => {
          accountIn([...campaigns.accounts.values()], id);
          const data = await campaigns.moveAccount(id, move, personAtTerminal(reason));
          return { text: moves[move].done, data };
        }),
      );

  function stateCell(state: Activity) {
    return { painted: terminal.paint(state === "paused" ? "yellow" : undefined, list.states(state)) };
  }

  function accountIn<One extends Pick<Account, "id">>(all: readonly One[], id: string): One {
    const found = all.find((one) => one.id === id);
    if (found) return found;
    throw new Failure("NOT_FOUND", words.noAccount(all.map((one) => one.id).join(", ")));
  }
}

/** Where callbacks are passed on to is left out too: an address may hold a key. */
function viewOf({ id, appid, kind, limits, encodingAESKey, ...account }: Account, state: Activity) {
  return {
    ...{ id, state: state ?? null, appid, kind, limits },
    ...{ window: account.window ?? null, articles: account.articles ?? null },
    apiBase: account.apiBase,
    ...{ encrypted: encodingAESKey !== undefined, forwards: account.forwardTo !== undefined },
    callbackPath: `/wechat/${id}/callback`,
  };
}
