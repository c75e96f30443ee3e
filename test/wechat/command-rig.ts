import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import type { CapDesk } from "../../src/cli/cap.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import type { UploadDesk } from "../../src/cli/uploads.ts";
import { createMenus } from "../../src/wechat/menu.ts";
import { createQrCodes } from "../../src/wechat/qrcode.ts";
import { createTags } from "../../src/wechat/tags.ts";
import { noLists } from "../support/no-desk.ts";
import { openRecorder } from "./recorder.ts";

export const zh = { LANG: "zh_CN.UTF-8" };
export const of = ["--account", "acme"];

export type CommandRig = Awaited<ReturnType<typeof openCommandRig>>;

/** `qunfa` for the account `acme` against the recorder, with a folder for its files. */
export async function openCommandRig() {
  const wechat = await openRecorder();
  const folder = mkdtempSync(join(tmpdir(), "qunfa-commands-"));
  const desk = {
    menus: createMenus(wechat.parts),
    qrCodes: createQrCodes(wechat.parts),
    tags: createTags(wechat.parts),
  };

  /** Runs it in this process. */
  async function qunfa(args: readonly string[], { env = {}, input = "" } = {}) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const code = await runCommandLine(args, {
      env,
      stdin: Readable.from([input]),
      stdout,
      stderr,
      open: async () => ({
        ...({} as CapDesk & UploadDesk),
        ...noLists,
        accounts: new Map([["acme", { mpBase: "https://mp.example.com" } as never]]),
        wechatOf: () => desk,
        ...{ operate: {} as never, campaigns: {} as never },
        close: async () => {},
      }),
      openSandbox: () => Promise.reject(new Error("a sandbox was started")),
      openDoctor: () => Promise.reject(new Error("the doctor was called")),
    });
    stdout.end();
    stderr.end();
    return { code, stdout: await text(stdout), stderr: await text(stderr) };
  }

  return {
    ...{ wechat, folder, qunfa },
    async close(): Promise<void> {
      rmSync(folder, { recursive: true });
      await wechat.close();
      expect(wechat.faults).toEqual([]);
    },
  };
}
