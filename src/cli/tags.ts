import type { Command } from "commander";
import { valueIn } from "../wechat/value-in.ts";
import type { Run } from "./run.ts";
import { count, type Terminal, tableOf } from "./terminal.ts";
import { type WechatDesk, wechatIn } from "./wechat-desk.ts";
import { wechatWordsIn } from "./wechat-words.ts";

/** `qunfa tag list`. */
export function addTags(program: Command, run: Run<WechatDesk>, { language }: Terminal): void {
  const words = wechatWordsIn[language];
  const tags = program
    .command("tag")
    .alias("tags")
    .description(words.tag.about)
    .addHelpText("after", words.tag.list.after.join("\n"));

  tags
    .command("list")
    .description(words.tag.list.about)
    .requiredOption("--account <id>", words.account)
    .addHelpText("after", words.tag.list.after.join("\n"))
    .action(({ account }: { account: string }) =>
      run(async (desk) => {
        const found = valueIn(await wechatIn(desk, account, words.noAccount).tags.list());
        const rows = found.map((tag) => [String(tag.id), tag.name, count(tag.count)]);
        return { text: tableOf([words.tag.columns, ...rows], ["right", "left", "right"]), data: found };
      }),
    );
}
