import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { formatNames, formatOf, MEDIA_MAX_BYTES } from "../campaign/media-rule.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Uploads } from "../store/uploads.ts";
import type { Run } from "./run.ts";
import { count, moment, type Terminal, tableOf } from "./terminal.ts";
import { uploadsWordsIn } from "./uploads-words.ts";
import { fileTrouble } from "./wechat-desk.ts";

/** What this command needs of the store; `compose-cli.ts` hands it over. */
export type UploadDesk = { readonly uploads: Pick<Uploads, "store">; readonly clock: Clock };

/** `qunfa upload add`. */
export function addUploads(program: Command, run: Run<UploadDesk>, { language }: Terminal): void {
  const words = uploadsWordsIn[language];
  const { rows } = words.add;

  program
    .command("upload")
    .description(words.about)
    .addHelpText("after", words.add.after.join("\n"))
    .command("add")
    .description(words.add.about)
    .argument("<file>", words.add.file(formatNames))
    .addHelpText("after", words.add.after.join("\n"))
    .action(async (file: string) => {
      const bytes = await read(file);
      const format = formatOf(bytes);
      if (!format) throw new Failure("UNSUPPORTED_MEDIA_TYPE", words.add.notTaken(formatNames));
      await run(async ({ uploads, clock }) => {
        const upload = { name: basename(file), type: format.type, bytes };
        const { uploadId, size, type, sha256, expiresAt } = await uploads.store(upload, clock.now());
        const until = new Date(expiresAt).toISOString();
        return {
          text: tableOf(
            [
              [rows.uploadId, uploadId],
              [rows.type, type],
              [rows.size, count(size)],
              [rows.expiresAt, moment(expiresAt)],
            ],
            ["left", "left"],
          ),
          data: { uploadId, size, type, sha256, expiresAt: until },
        };
      });
    });

  async function read(file: string): Promise<Buffer> {
    try {
      if ((await stat(file)).size > MEDIA_MAX_BYTES)
        throw new Failure("TOO_LARGE", words.add.tooLarge(count(MEDIA_MAX_BYTES)));
      return await readFile(file);
    } catch (cause) {
      throw cause instanceof Failure ? cause : fileTrouble(file, cause);
    }
  }
}
