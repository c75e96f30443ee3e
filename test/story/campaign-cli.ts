import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { runQunfa, startQunfa } from "./qunfa.ts";
import { messageOf, openRig } from "./rig.ts";

type Options = NonNullable<Parameters<typeof runQunfa>[1]>;

/** A rig whose campaigns are sent by `qunfa`, with a folder for its files; an account for each test that sends. */
export async function openCampaignCli(accounts: readonly string[]) {
  const rig = await openRig({ accounts: Object.fromEntries(accounts.map((id) => [id, {}])) });
  const folder = mkdtempSync(join(tmpdir(), "qunfa-campaigns-"));
  const withRig = ({ env, ...options }: Options = {}) => ({ ...options, env: { ...rig.settings, ...env } });
  const qunfa = (args: readonly string[], options?: Options) => runQunfa(args, withRig(options));
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  return {
    ...{ rig, folder, qunfa },
    start: (args: readonly string[], options?: Options) => startQunfa(args, withRig(options)),
    /** Runs it for a machine; answers what it printed. */
    async answerTo<Answer = Record<string, unknown>>(...args: string[]): Promise<Answer> {
      const { code, stdout, stderr } = await qunfa([...args, "-o", "json"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return JSON.parse(stdout);
    },
    fileOf: (name: string, lines: readonly string[]) => write(name, `${lines.join("\n")}\n`),
    campaignFile: (id: string, account: string) =>
      write(`${id}.json`, JSON.stringify({ account, message: messageOf(id) })),
    async close(): Promise<void> {
      rig.expectClean();
      await rig.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export type CampaignCli = Awaited<ReturnType<typeof openCampaignCli>>;
