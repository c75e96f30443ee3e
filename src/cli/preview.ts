import { type Command, Option } from "commander";
import { PreviewRequest } from "../campaign/preview.ts";
import { Failure } from "../failure.ts";
import { byFlags } from "./by-flags.ts";
import type { OperatorDesk } from "./operator-desk.ts";
import { operatorWordsIn } from "./operator-words.ts";
import type { Run } from "./run.ts";
import { count, type Terminal } from "./terminal.ts";
import { parseAs, readText } from "./wechat-desk.ts";

type Options = { account: string; text?: string; openid?: string; wxname?: string };

/** `qunfa preview`. */
export function addPreview(program: Command, run: Run<OperatorDesk>, { language, stdin }: Terminal): void {
  const { account, preview: words } = operatorWordsIn[language];

  program
    .command("preview")
    .description(words.about)
    .argument("[file]", words.file)
    .requiredOption("--account <id>", account)
    .option("--text <text>", words.text)
    .option("--openid <openid>", words.openid)
    .addOption(new Option("--wxname <name>", words.wxname).conflicts("openid"))
    .addHelpText("after", words.after.join("\n"))
    .action(async (file: string | undefined, { text, ...to }: Options) => {
      if ((file === undefined) === (text === undefined) || (to.openid ?? to.wxname) === undefined)
        throw new Failure("BAD_REQUEST", words.missing);
      const message =
        file === undefined ? { msgtype: "text", text: { content: text } } : await readJson(file);
      // What a file holds is named as it stands there.
      const nameOf = (path: string) => {
        if (!/^message(\.|$)/.test(path)) return `--${path}`;
        return file === undefined ? "--text" : path.slice("message.".length) || file;
      };
      const request = parseAs(PreviewRequest, { message, ...to }, "INVALID_PARAMETER", nameOf);
      await run(async ({ operate }) => {
        const shown = await byFlags(
          () => operate.preview(request),
          ({ path, message }) => `${nameOf(path)}: ${message}`,
        );
        return { text: words.sent(count(shown.left)), data: shown };
      });
    });

  async function readJson(file: string): Promise<unknown> {
    const content = await readText(file, stdin);
    try {
      return JSON.parse(content.replace(/^\uFEFF/, ""));
    } catch {
      // Not handed on as the cause: V8 quotes the text that it could not read.
      throw new Failure("BAD_REQUEST", words.noJson(file));
    }
  }
}
