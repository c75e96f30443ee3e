import { type Command, InvalidArgumentError, Option } from "commander";
import { QrCode } from "../campaign/qrcode.ts";
import { Failure } from "../failure.ts";
import { pictureUrl, type QrCodes } from "../wechat/qrcode.ts";
import { valueIn } from "../wechat/value-in.ts";
import { checkOut, isStdout, pathIn, writeOut } from "./out-file.ts";
import type { Run } from "./run.ts";
import { count, type Terminal, tableOf } from "./terminal.ts";
import { parseAs, type WechatDesk, wechatIn } from "./wechat-desk.ts";
import { wechatWordsIn } from "./wechat-words.ts";

type Options = {
  account: string;
  scene?: string;
  sceneId?: number;
  expires?: number;
  permanent?: true;
  out?: string;
};

/** `qunfa qrcode create`. */
export function addQrCode(program: Command, run: Run<WechatDesk>, { language }: Terminal): void {
  const words = wechatWordsIn[language];
  const { create } = words.qrcode;

  program
    .command("qrcode")
    .description(words.qrcode.about)
    .addHelpText("after", create.after.join("\n"))
    .command("create")
    .description(create.about)
    .requiredOption("--account <id>", words.account)
    .option("--scene <text>", create.scene)
    .addOption(new Option("--scene-id <number>", create.sceneId).conflicts("scene").argParser(number))
    .option("--expires <seconds>", create.expires, number)
    .addOption(new Option("--permanent", create.permanent).conflicts("expires"))
    .option("--out <file>", create.out, (text) => {
      // The ticket is told there, and a picture behind it would be none.
      if (isStdout(text)) throw new InvalidArgumentError(create.notStdout);
      return pathIn(create.wrongOut)(text);
    })
    .addHelpText("after", create.after.join("\n"))
    .action(async (options: Options) => {
      const code = codeOf(options);
      const { account, out } = options;
      // A permanent code can't be taken back, and an account has so many only.
      if (out !== undefined) await checkOut(out);
      await run(async (desk) => {
        const { qrCodes } = wechatIn(desk, account, words.noAccount);
        const made = valueIn(await qrCodes.create(code));
        // WeChat has made it: whatever becomes of the picture, the ticket is told.
        const stopped = out === undefined ? undefined : await save(qrCodes, made.ticket, out);
        const saved = stopped ? undefined : out;
        const address = pictureUrl(desk.accounts.get(account)?.mpBase ?? "", made.ticket);
        const rows = [
          [create.ticket, made.ticket],
          [create.url, made.url],
          ...(made.expireSeconds === undefined ? [] : [[create.seconds, count(made.expireSeconds)]]),
          [create.address, address],
          ...(saved === undefined ? [] : [[create.picture, saved]]),
        ];
        const data = { ...made, pictureUrl: address, out: saved ?? null };
        return { text: tableOf(rows, ["left", "left"]), data, stopped };
      });
    });

  function codeOf({ scene, sceneId, expires, permanent }: Options): QrCode {
    if ((scene ?? sceneId) === undefined || (expires === undefined && !permanent))
      throw new Failure("BAD_REQUEST", create.missing);
    const of = { scene: sceneId ?? scene };
    const code = permanent
      ? { kind: "permanent", ...of }
      : { kind: "temporary", ...of, expireSeconds: expires };
    const flags: Readonly<Record<string, string>> = {
      scene: sceneId === undefined ? "--scene" : "--scene-id",
      expireSeconds: "--expires",
    };
    return parseAs(QrCode, code, "INVALID_PARAMETER", (path) => flags[path] ?? path);
  }

  function number(text: string): number {
    if (/^\d{1,12}$/.test(text)) return Number(text);
    throw new InvalidArgumentError(create.number);
  }
}

/** What kept the picture from being saved. */
async function save(
  { picture }: Pick<QrCodes, "picture">,
  ticket: string,
  out: string,
): Promise<Failure | undefined> {
  try {
    const { bytes } = valueIn(await picture(ticket));
    await writeOut(out, [bytes]);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
