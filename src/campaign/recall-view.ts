import type { Trouble } from "./batch.ts";
import { type Recall, WHOLE } from "./recall.ts";
import { viewTrouble } from "./trouble-view.ts";

/** Other campaigns of the same material; `more`: there are older ones that were not looked at. */
export type Sharing = {
  readonly campaigns: readonly { id: string; name: string | null; state: string }[];
  readonly lookedAt: number;
  readonly more: boolean;
};

/** What a recall would do; after one, what it has done. Times are milliseconds. */
export type RecallPlan = Recall & {
  readonly id: string;
  readonly account: string;
  readonly state: string;
  /** 0 for all. */
  readonly articleIdx: number;
  /** Whether it has to be canceled before. */
  readonly mustCancel: boolean;
  /** How many calls of the day's ten the rest takes, one a message, and how many are left. */
  readonly deletes: { readonly needed: number; readonly left: number; readonly resetsAt: number };
  readonly sharing: Sharing;
};

/** Why a recall has stopped before its end: it goes on when it is asked for again. */
export type RecallStop = { readonly reason: string; readonly until?: string; readonly trouble: Trouble };

export type RecallDone = RecallPlan & { readonly done: boolean; readonly stopped: RecallStop | undefined };

/** What is always so (WECHAT.md section 2.5). */
const NOTICE =
  "Whoever has got a message keeps its card and finds the page deleted; WeChat deletes one material in all " +
  "messages that were sent of it.";

/** A recall as those see it who ask for one, over HTTP or by `qunfa campaign recall -o json`. */
export function viewRecall({ messages, deletes, articleIdx, ...rest }: RecallPlan) {
  return {
    ...rest,
    articleIdx: articleIdx === WHOLE ? null : articleIdx,
    messages: messages.map(({ number, msgId, at, inDoubt, trouble }) => {
      return {
        number,
        msgId,
        recalledAt: at === undefined ? null : iso(at),
        inDoubt,
        error: viewTrouble(trouble),
      };
    }),
    deletes: { ...deletes, resetsAt: iso(deletes.resetsAt) },
    notice: NOTICE,
  };
}

export function viewRecalled({ done, stopped, ...plan }: RecallDone) {
  const why = stopped && {
    reason: stopped.reason,
    until: stopped.until ?? null,
    error: viewTrouble(stopped.trouble),
  };
  return { ...viewRecall(plan), done, stopped: why ?? null };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
