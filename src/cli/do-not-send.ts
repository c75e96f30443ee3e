import type { Command } from "commander";
import { sortOpenIds } from "../campaign/intake.ts";
import { readEntries } from "../campaign/list-entries.ts";
import { type OpenId, openIdIn } from "../campaign/openid.ts";
import { Failure } from "../failure.ts";
import { bytesOf, type ListDesk, requireAccount } from "./list-desk.ts";
import { listWordsIn } from "./list-words.ts";
import type { Run } from "./run.ts";
import { count, type Terminal } from "./terminal.ts";

/** People asked for at once. */
const PAGE = 10_000;

/** People put on the list at once. */
const CHUNK = 200_000;

type Options = { account: string };

/** `qunfa account do-not-send add`, `remove` and `list`. */
export function addDoNotSend(account: Command, run: Run<ListDesk>, { language, stdin }: Terminal): void {
  const all = listWordsIn[language];
  const words = all.doNotSend;
  const list = account
    .command("do-not-send")
    .description(words.about)
    .addHelpText("after", words.list.after.join("\n"));

  list
    .command("add")
    .description(words.add.about)
    .argument("<file>", words.add.file)
    .requiredOption("--account <id>", all.account)
    .addHelpText("after", words.add.after.join("\n"))
    .action((file: string, { account }: Options) =>
      run(async (desk) => {
        requireAccount(desk, account, all.noAccount);
        const entries = readEntries(bytesOf(file, stdin), "csv");
        const counts = await addAll(desk, account, entries, words.add.empty);
        const { added, received, invalid } = counts;
        return { text: words.add.done(count(added), count(received), count(invalid)), data: counts };
      }),
    );

  list
    .command("remove")
    .description(words.remove.about)
    .argument("<openid>", words.remove.openid)
    .requiredOption("--account <id>", all.account)
    .addHelpText("after", words.remove.after.join("\n"))
    .action((text: string, { account }: Options) =>
      run(async (desk) => {
        requireAccount(desk, account, all.noAccount);
        const openid = openIdIn(text);
        if (openid === undefined) throw new Failure("INVALID_PARAMETER", words.wrongOpenId);
        if (!(await desk.doNotSend.drop(account, openid)))
          throw new Failure("NOT_FOUND", words.remove.absent);
        return { text: words.remove.done, data: { removed: true } };
      }),
    );

  list
    .command("list")
    .description(words.list.about)
    .requiredOption("--account <id>", all.account)
    .addHelpText("after", words.list.after.join("\n"))
    .action(({ account }: Options) =>
      run(async (desk) => {
        requireAccount(desk, account, all.noAccount);
        const people: OpenId[] = [];
        let cursor: string | undefined;
        do {
          const { items, nextCursor } = await desk.doNotSend.list(account, { cursor, limit: PAGE });
          for (const openid of items) people.push(openid);
          cursor = nextCursor ?? undefined;
        } while (cursor !== undefined);
        return { text: people.join("\n"), data: people };
      }),
    );
}

/** @throws Failure INVALID_PARAMETER, in the words given, where there is no entry */
async function addAll(
  { doNotSend }: ListDesk,
  account: string,
  entries: AsyncIterable<unknown[]>,
  empty: string,
) {
  const counts = { received: 0, invalid: 0, added: 0 };
  let people: OpenId[] = [];
  for await (const some of entries) {
    const { valid, invalid } = sortOpenIds(some);
    counts.received += some.length;
    counts.invalid += invalid.length;
    people = people.concat(valid);
    if (people.length < CHUNK) continue;
    counts.added += await doNotSend.add(account, people);
    people = [];
  }
  if (counts.received === 0) throw new Failure("INVALID_PARAMETER", empty);
  counts.added += await doNotSend.add(account, people);
  return counts;
}
