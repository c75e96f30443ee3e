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
type GetOptions = Options & { conditional?: true };

/** `qunfa menu get`, `set` and `delete`; `add` and `remove` of menus for some of the followers. */
export function addMenu(program: Command, run: Run<WechatDesk>, terminal: Terminal): void {
  const { language, stdin } = terminal;
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

  add("get", words.menu.get)
    .option("--conditional", words.menu.get.conditional)
    .action(({ conditional: some, ...options }: GetOptions) =>
      run(async (desk) => {
        const view = valueIn(await menusOf(desk, options).get());
        if (some) return { text: tellSome(view?.conditional ?? [], words), data: view?.conditional ?? [] };
        if (!view) aside(words.menu.none);
        else if (view.conditional.length > 0) aside(tellCount(view, words));
        // What `menu set` takes.
        return { text: view ? tellMenu(view, words) : words.menu.none, data: view?.menu ?? null };
      }),
    );

  add("set", words.menu.set)
    .argument("<file>", words.menu.set.file)
    .action(async (file: string, options: Options) => {
      const given = await readJson(file);
      if (given === null) throw new Failure("INVALID_PARAMETER", words.menu.set.nothing(file));
      const wanted = parseAs(Menu, given, "INVALID_PARAMETER");
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

  /** Beside JSON, which has no room for it; a table tells it by itself. */
  function aside(text: string): void {
    if (terminal.output() !== "table") terminal.stderr.write(`${text}\n`);
  }

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

function tellMenu(view: MenuView, words: WechatWords): string {
  const table = tellButtons(view.menu.button, words);
  return view.conditional.length === 0 ? table : `${table}\n${tellCount(view, words)}`;
}

function tellCount({ conditional }: MenuView, { menu: words }: WechatWords): string {
  return words.conditional(conditional.length, conditional.map(({ menuId }) => menuId ?? "?").join(", "));
}

function tellSome(conditional: MenuView["conditional"], words: WechatWords): string {
  if (conditional.length === 0) return words.menu.noneForSome;
  const told = conditional.map(({ menuId, matchrule, button }) => {
    const title = words.menu.forSome(menuId ?? "?", JSON.stringify(matchrule));
    return `${title}\n${tellButtons(button, words)}`;
  });
  return told.join("\n");
}

function tellButtons(buttons: readonly Button[], { menu: words }: WechatWords): string {
  const rows = buttons.flatMap((button) => [rowOf(button), ...below(button).map((one) => rowOf(one, "  "))]);
  return tableOf([words.columns, ...rows], ["left", "left", "left"]);
}

function below({ sub_button: buttons }: Button): Button[] {
  return Array.isArray(buttons) ? buttons : [];
}

/** Name, type and what the button leads to: whatever WeChat says, a type unknown to us too. */
function rowOf({ name, type, sub_button: _, ...target }: Button, indent = ""): string[] {
  return [`${indent}${String(name)}`, String(type ?? ""), Object.values(target).map(String).join(" ")];
}
