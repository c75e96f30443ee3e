import { type Command, InvalidArgumentError, Option } from "commander";
import type { Account } from "../campaign/account.ts";
import { monthOf } from "../campaign/calendar.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { capLeft } from "../campaign/cap.ts";
import { type Booking, type ExternalSend, MsgId, viewBooking } from "../campaign/external-send.ts";
import { ListId } from "../campaign/list.ts";
import { type OpenId, openIdIn } from "../campaign/openid.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Bookings } from "../store/bookings.ts";
import type { Caps } from "../store/caps.ts";
import { byFlags } from "./by-flags.ts";
import { type CapWords, capWordsIn } from "./cap-words.ts";
import { readOpenIdList } from "./openid-list.ts";
import type { Run } from "./run.ts";
import { count, moment, type Terminal, tableOf } from "./terminal.ts";
import { parseAs } from "./wechat-desk.ts";
import { personAtTerminal } from "./who.ts";

/** What these commands need of the ledger; `compose-cli.ts` hands it over. */
export type CapDesk = {
  readonly accounts: ReadonlyMap<string, Pick<Account, "limits">>;
  readonly caps: Pick<Caps, "used" | "histogram">;
  readonly bookings: Pick<Bookings, "book">;
  readonly clock: Clock;
};

type BookOptions = {
  account: string;
  all?: true;
  file?: string;
  list?: string;
  msgId?: string;
  key?: CampaignId;
  note?: string;
};

/** The options that say what the ledger may refuse of a booking. */
const FLAGS: Readonly<Record<string, string>> = {
  "audience.openids": "--file",
  "audience.audienceId": "--list",
};

/** `qunfa cap book` and `qunfa cap show`. */
export function addCap(program: Command, run: Run<CapDesk>, { language, stdin }: Terminal): void {
  const words = capWordsIn[language];
  const cap = program
    .command("cap")
    .alias("caps")
    .description(words.about)
    .addHelpText("after", words.show.after.join("\n"));

  cap
    .command("book")
    .description(words.book.about)
    .requiredOption("--account <id>", words.account)
    .option("--all", words.book.all)
    .addOption(new Option("--file <path>", words.book.file).conflicts("all"))
    .addOption(new Option("--list <id>", words.book.list).conflicts(["all", "file"]))
    .option("--msg-id <digits>", words.book.msgId, check(MsgId, words.book.digits))
    .option("--key <name>", words.book.key, check(CampaignId, words.book.keyForm))
    .option("--note <text>", words.book.note)
    .addHelpText("after", words.book.after.join("\n"))
    .action(async (options: BookOptions) => {
      const { account, msgId, key, note } = options;
      if (!options.all && options.file === undefined && options.list === undefined)
        throw new Failure("BAD_REQUEST", words.book.allOrFile);
      const audience = await audienceOf(options);
      await run(async (desk) => {
        accountIn(desk, account);
        const now = desk.clock.now();
        const by = personAtTerminal(note);
        const wish = { audience, msgId, note };
        const { booking, isNew } = await byFlags(
          () => desk.bookings.book(account, wish, { key, now, by }),
          ({ path, message }) => `${FLAGS[path] ?? path}: ${message}`,
        );
        return { text: tellBooking(booking, isNew, words), data: { ...viewBooking(booking), isNew } };
      });
    });

  cap
    .command("show")
    .description(words.show.about)
    .requiredOption("--account <id>", words.account)
    .option("--openid <openid>", words.show.openid)
    .addHelpText("after", words.show.after.join("\n"))
    .action(({ account, openid }: { account: string; openid?: string }) =>
      run(async (desk) => {
        const limit = accountIn(desk, account).limits.perUserPerMonth;
        const of = { account, month: monthOf(desk.clock.now()) };
        if (openid === undefined) {
          const found = await desk.caps.histogram(of);
          return { text: tellHistogram(of.month, found, words), data: { ...of, ...found } };
        }
        const used = await desk.caps.used(of, personIn(openid));
        const person = { used, left: capLeft(limit, used), limit };
        return { text: tellPerson(of.month, person, words), data: { ...of, ...person } };
      }),
    );

  async function audienceOf({ file, list }: BookOptions): Promise<ExternalSend["audience"]> {
    if (list !== undefined)
      return { type: "list", audienceId: parseAs(ListId, list, "INVALID_PARAMETER", "--list") };
    return file === undefined
      ? { type: "all" }
      : { type: "openids", openids: await readOpenIdList(file, stdin) };
  }

  /** Not by commander's check of options, which repeats what was given: it may be an OpenID mistyped. */
  function personIn(text: string): OpenId {
    const openid = openIdIn(text);
    if (openid === undefined) throw new Failure("INVALID_PARAMETER", words.show.wrongOpenId);
    return openid;
  }

  function accountIn({ accounts }: CapDesk, id: string) {
    const account = accounts.get(id);
    if (!account) throw new Failure("NOT_FOUND", words.noAccount([...accounts.keys()].join(", ")));
    return account;
  }
}

function check<Value>(
  schema: { safeParse(text: string): { success: true; data: Value } | { success: false } },
  expected: string,
) {
  return (text: string): Value => {
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(expected);
  };
}

function tellBooking({ month, audience, bookedAt }: Booking, isNew: boolean, { book }: CapWords): string {
  const { type, received, invalid, duplicate, booked } = audience;
  const lines = [type === "all" ? book.everybody(month) : book.people(count(booked), month)];
  if (type === "openids") lines.push(book.details(count(received), count(invalid), count(duplicate)));
  if (!isNew) lines.push(book.repeated(moment(bookedAt)));
  return lines.join("\n");
}

function tellHistogram(
  month: string,
  { users, base, followers }: Awaited<ReturnType<Caps["histogram"]>>,
  { show }: CapWords,
): string {
  const rows = (["1", "2", "3", "4"] as const).map(
    (times) => [show.times[times], count(users[times])] as const,
  );
  const table = tableOf([["", show.people], ...rows]);
  const lines = [show.month(month), table];
  if (base > 0) lines.push(show.base(count(base)));
  if (base > 0 && followers === null) lines.push(show.followersUnknown);
  return lines.join("\n");
}

function tellPerson(
  month: string,
  { used, left, limit }: { used: number; left: number; limit: number },
  { show }: CapWords,
): string {
  const rows = [
    [show.used, count(used)],
    [show.left, count(left)],
    [show.limit, count(limit)],
  ] as const;
  return `${show.month(month)}\n${tableOf(rows)}`;
}
