import type { Command } from "commander";
import { ConditionalMenu, Menu } from "../campaign/menu.ts";
import { Failure } from "../failure.ts";
import type { MenuView } from "../wechat/menu.ts";
import { valueIn } from "../wechat/value-in.ts";
import type { Run } from "./run.ts";
import { type Terminal, tableOf } from "./terminal.ts";
import { parseAs, readText, type WechatDesk, wechatIn } from "./wechat-desk.ts";
import { type WechatWords, wechatWordsIn } from "./wechat-words.ts";

type Options = { account: string };

/** `qunfa menu get`, `set` and `delete`; `add` and `remove` of menus for some of the followers. */
export function addMenu(program: Command, run: Run<WechatDesk>, { language, stdin }: Terminal): void {
  const words = wechatWordsIn[language];
  const menu = program
    .command("menu")
    .description(words.menu.about)
    .addHelpText("after", words.menu.get.after.join("\n"));
  const add = (usage: string, { about, after }: { about: string; after: readonly string[] }) =>
    menu
      .command(usage)
      .description(about)
      .requiredOption("--account <id>", words.account)
      .addHelpText("after", after.join("\n"));
  const menusOf = (desk: WechatDesk, { account }: Options) => wechatIn(desk, account, words.noAccount).menus;

  add("get", words.menu.get).action((options: Options) =>
    run(async (desk) => {
      const view = valueIn(await menusOf(desk, options).get());
      if (!view) return { text: words.menu.none, data: null };
      const { menu, conditional } = view;
      return {
        text: tellMenu(view, words),
        data: { ...menu, ...(conditional.length > 0 && { conditional }) },
      };
    }),
  );

  add("set", words.menu.set)
    .argument("<file>", words.menu.set.file)
    .action(async (file: string, options: Options) => {
      const wanted = parseAs(Menu, await readJson(file), "INVALID_PARAMETER");
      await run(async (desk) => {
        valueIn(await menusOf(desk, options).create(wanted));
        return { text: words.menu.set.done, data: wanted };
      });
    });

  add("delete", words.menu.delete).action((options: Options) =>
    run(async (desk) => {
      valueIn(await menusOf(desk, options).delete());
      return { text: words.menu.delete.done, data: null };
    }),
  );

  add("add", words.menu.add)
    .argument("<file>", words.menu.add.file)
    .action(async (file: string, options: Options) => {
      const wanted = parseAs(ConditionalMenu, await readJson(file), "INVALID_PARAMETER");
      await run(async (desk) => {
        const { menuId } = valueIn(await menusOf(desk, options).addConditional(wanted));
        return { text: words.menu.add.done(menuId), data: { menuId } };
      });
    });

  add("remove", words.menu.remove)
    .argument("<id>", words.menu.remove.id)
    .action((menuId: string, options: Options) =>
      run(async (desk) => {
        valueIn(await menusOf(desk, options).delConditional(menuId));
        return { text: words.menu.remove.done, data: null };
      }),
    );

  async function readJson(file: string): Promise<unknown> {
    const text = await readText(file, stdin);
    try {
      return JSON.parse(text.replace(/^\uFEFF/, ""));
    } catch (cause) {
      throw new Failure("BAD_REQUEST", words.menu.noJson(file), { cause });
    }
  }
}

type Button = MenuView["menu"]["button"][number];

function tellMenu({ menu, conditional }: MenuView, { menu: words }: WechatWords): string {
  const rows = menu.button.flatMap((button) => [
    rowOf(button),
    ...below(button).map((one) => rowOf(one, "  ")),
  ]);
  const table = tableOf([words.columns, ...rows], ["left", "left", "left"]);
  const ids = conditional.map(({ menuId }) => menuId ?? "?").join(", ");
  return conditional.length === 0 ? table : `${table}\n${words.conditional(conditional.length, ids)}`;
}

function below({ sub_button: buttons }: Button): Button[] {
  return Array.isArray(buttons) ? buttons : [];
}

/** Name, type and what the button leads to: whatever WeChat says, a type unknown to us too. */
function rowOf({ name, type, sub_button: _, ...target }: Button, indent = ""): string[] {
  return [`${indent}${String(name)}`, String(type ?? ""), Object.values(target).map(String).join(" ")];
}
