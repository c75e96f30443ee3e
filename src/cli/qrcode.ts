import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { QrCode } from "../campaign/qrcode.ts";
import { Failure } from "../failure.ts";
import { valueIn } from "../wechat/value-in.ts";
import type { Run } from "./run.ts";
import { type Terminal, tableOf } from "./terminal.ts";
import { fileTrouble, parseAs, type WechatDesk, wechatIn } from "./wechat-desk.ts";
import { wechatWordsIn } from "./wechat-words.ts";

type Options = {
  account: string;
  scene?: string;
  sceneId?: string;
  expires?: string;
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
    .addOption(new Option("--scene-id <number>", create.sceneId).conflicts("scene"))
    .option("--expires <seconds>", create.expires)
    .addOption(new Option("--permanent", create.permanent).conflicts("expires"))
    .option("--out <file>", create.out)
    .addHelpText("after", create.after.join("\n"))
    .action(async (options: Options) => {
      const code = codeOf(options);
      const { account, out } = options;
      await run(async (desk) => {
        const { qrCodes } = wechatIn(desk, account, words.noAccount);
        const made = valueIn(await qrCodes.create(code));
        const picture = out === undefined ? undefined : valueIn(await qrCodes.picture(made.ticket));
        if (out !== undefined && picture) await write(out, picture.bytes);
        const rows = [
          [create.ticket, made.ticket],
          [create.url, made.url],
          ...(made.expireSeconds === undefined ? [] : [[create.expires, String(made.expireSeconds)]]),
          ...(out === undefined ? [] : [[create.picture, out]]),
        ];
        return {
          text: tableOf(rows, ["left", "left"]),
          data: { ...made, ...(out !== undefined && { out }) },
        };
      });
    });

  function codeOf({ scene, sceneId, expires, permanent }: Options): QrCode {
    if ((scene ?? sceneId) === undefined || (expires === undefined && !permanent))
      throw new Failure("BAD_REQUEST", create.missing);
    const of = { scene: sceneId === undefined ? scene : Number(sceneId) };
    const code = permanent
      ? { kind: "permanent", ...of }
      : { kind: "temporary", ...of, expireSeconds: Number(expires) };
    return parseAs(QrCode, code, "INVALID_PARAMETER");
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (cause) {
    throw fileTrouble(path, cause);
  }
}
