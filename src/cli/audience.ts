import { type Command, InvalidArgumentError, Option } from "commander";
import { ListFormat, ListId, ListName, type StoredList } from "../campaign/list.ts";
import { ReadingSource } from "../campaign/reading.ts";
import { Failure } from "../failure.ts";
import { type ListDesk, requireAccount } from "./list-desk.ts";
import { readListFile } from "./list-file.ts";
import { type ListWords, listWordsIn } from "./list-words.ts";
import type { Run } from "./run.ts";
import { count, type Terminal, tableOf } from "./terminal.ts";
import { parseAs } from "./wechat-desk.ts";

/** Lists asked for at once. */
const PAGE = 200;

type ReadOptions = { account: string; all?: true; tag?: number; tagName?: string; name?: string };

/** `qunfa audience upload`, `list`, `show`, `remove` and `read`. */
export function addAudience(program: Command, run: Run<ListDesk>, terminal: Terminal): void {
  const all = listWordsIn[terminal.language];
  const words = all.audience;
  const audience = program
    .command("audience")
    .alias("audiences")
    .description(words.about)
    .addHelpText("after", words.list.after.join("\n"));

  audience
    .command("upload")
    .description(words.upload.about)
    .argument("<file>", words.upload.file)
    .option("--format <format>", words.upload.format, formatIn)
    .option("--name <text>", words.upload.name, nameIn)
    .addHelpText("after", words.upload.after.join("\n"))
    .action((file: string, { format, name }: { format?: ListFormat; name?: string }) =>
      run(async (desk) => {
        const list = await readListFile(terminal, { path: file, format, bar: words.bar }, (entries) =>
          desk.lists.store(entries, { name, now: desk.clock.now() }),
        );
        return { text: tell(list, words), data: viewOf(list) };
      }),
    );

  audience
    .command("list")
    .description(words.list.about)
    .addHelpText("after", words.list.after.join("\n"))
    .action(() =>
      run(async ({ readings }) => {
        const found: StoredList[] = [];
        let cursor: string | undefined;
        do {
          const { items, nextCursor } = await readings.list({ cursor, limit: PAGE });
          found.push(...items);
          cursor = nextCursor ?? undefined;
        } while (cursor !== undefined);
        const rows = found.map(({ id, state, received, name = "" }) => [
          ...[id, words.states[state], count(received), name],
        ]);
        const table = tableOf([words.columns, ...rows], ["left", "left", "right", "left"]);
        return { text: rows.length === 0 ? words.none : table, data: found.map(viewOf) };
      }),
    );

  audience
    .command("show")
    .description(words.show.about)
    .argument("<id>", words.id)
    .addHelpText("after", words.show.after.join("\n"))
    .action((id: string) =>
      run(async ({ readings }) => {
        const list = await readings.find(idIn(id));
        if (!list) throw new Failure("NOT_FOUND", all.noList);
        return { text: tell(list, words), data: viewOf(list) };
      }),
    );

  audience
    .command("remove")
    .description(words.remove.about)
    .argument("<id>", words.id)
    .addHelpText("after", words.remove.after.join("\n"))
    .action((id: string) =>
      run(async ({ removeList }) => {
        const word = await removeList(idIn(id));
        if (word === "gone") throw new Failure("NOT_FOUND", all.noList);
        if (word === "pinned") throw new Failure("LIST_IN_USE", all.inUse);
        return { text: words.remove.done, data: { audienceId: id, removed: true } };
      }),
    );

  audience
    .command("read")
    .description(words.read.about)
    .requiredOption("--account <id>", all.account)
    .option("--all", words.read.all)
    .addOption(new Option("--tag <number>", words.read.tag).conflicts("all").argParser(numberIn))
    .addOption(new Option("--tag-name <name>", words.read.tagName).conflicts(["all", "tag"]))
    .option("--name <text>", words.upload.name, nameIn)
    .addHelpText("after", words.read.after.join("\n"))
    .action((options: ReadOptions) => {
      const source = sourceIn(options);
      return run(async (desk) => {
        requireAccount(desk, options.account, all.noAccount);
        const list = await desk.startReading({ account: options.account, source, name: options.name });
        return { text: words.read.begun(list.id), data: viewOf(list) };
      });
    });

  function sourceIn({ all: everybody, tag: tagId, tagName: name }: ReadOptions): ReadingSource {
    if (everybody) return { type: "all" };
    if (tagId === undefined && name === undefined) throw new Failure("BAD_REQUEST", words.read.which);
    const tag = { type: "tag", ...(tagId !== undefined && { tagId }), ...(name !== undefined && { name }) };
    return parseAs(ReadingSource, tag, "BAD_REQUEST", tagId === undefined ? "--tag-name" : "--tag");
  }

  function numberIn(text: string): number {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new InvalidArgumentError(words.read.number);
  }

  function nameIn(text: string): string {
    if (ListName.safeParse(text).success) return text;
    throw new InvalidArgumentError(words.upload.wrongName);
  }

  function formatIn(text: string): ListFormat {
    const format = ListFormat.safeParse(text);
    if (format.success) return format.data;
    throw new InvalidArgumentError(words.upload.wrongFormat);
  }

  function idIn(text: string): ListId {
    const id = ListId.safeParse(text);
    if (!id.success) throw new Failure("NOT_FOUND", all.noList);
    return id.data;
  }
}

function tell(list: StoredList, { row, states }: ListWords["audience"]): string {
  const { id, state, received, invalid, trouble } = list;
  const rows = [
    [row.id, id],
    [row.state, states[state]],
    [row.received, count(received)],
    [row.invalid, count(invalid)],
  ];
  if (trouble && state !== "ready") rows.push([row.error, trouble.message]);
  return tableOf(rows, ["left", "left"]);
}

/** A list as `-o json` shows it, with the names that HTTP gives them. */
function viewOf({ id, name, state, received, invalid, sha256, account, ...list }: StoredList) {
  return {
    ...{ audienceId: id, name: name ?? null, state, received, invalid, sha256: sha256 || null },
    ...{ account: account ?? null, source: list.source ?? null, error: list.trouble ?? null },
    createdAt: new Date(list.createdAt).toISOString(),
  };
}
