import type { Signature } from "../campaign/audit.ts";
import type { PreviewRequest } from "../campaign/preview.ts";
import type { QuotaState } from "../campaign/quota.ts";
import type { RecallDone, RecallPlan } from "../campaign/recall-view.ts";
import { Failure } from "../failure.ts";
import type { HeardApi } from "../wechat/api-quota.ts";
import type { MassDesk } from "../wechat/mass-desk.ts";
import { isTerminal, type Terminal } from "./terminal.ts";

export type QuotaRefresh = {
  readonly account: string;
  readonly day: string;
  readonly apis: readonly HeardApi[];
  readonly added: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly quota: QuotaState;
};

/** What the operators' commands work with; `compose-cli.ts` hands it over. */
export type OperatorDesk = {
  readonly operate: {
    readonly preview: (request: PreviewRequest) => Promise<{ account: string; msgId?: string; left: number }>;
    readonly recall: {
      plan(id: string, articleIdx: number): Promise<RecallPlan>;
      recall(id: string, articleIdx: number, by: Signature): Promise<RecallDone>;
    };
    readonly quota: {
      read(account: string): Promise<QuotaState>;
      refresh(account: string): Promise<QuotaRefresh>;
      clear(account: string, by: Signature): Promise<{ quota: QuotaState }>;
    };
    readonly wechatOf: (account: string) => { readonly massDesk: Pick<MassDesk, "getSpeed" | "setSpeed"> };
  };
};

/**
 * Asks a person on stderr, so that stdout stays the answer's; anything but a yes is a no.
 *
 * @throws Failure BAD_REQUEST where nobody can be asked: the standard input is no terminal and ends without a word
 */
export async function isConfirmed(
  { stdin, stderr }: Pick<Terminal, "stdin" | "stderr">,
  { question, nobody }: { question: string; nobody: string },
): Promise<boolean> {
  stderr.write(question);
  for await (const chunk of stdin) return /^\s*(y|yes|是)\s*$/i.test(String(chunk).split("\n")[0] ?? "");
  stderr.write("\n");
  // Ctrl-D.
  if (isTerminal(stdin)) return false;
  throw new Failure("BAD_REQUEST", nobody);
}
