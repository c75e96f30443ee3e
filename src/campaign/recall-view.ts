import { z } from "zod";
import type { Trouble } from "./batch.ts";
import { NotRecalled, type Recall, WHOLE } from "./recall.ts";
import { TroubleView, viewTrouble } from "./trouble-view.ts";

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

const IsoTime = z.iso.datetime();

/** A recall as those see it who ask for one, over HTTP or by `qunfa campaign recall -o json`. */
export const RecallView = z
  .object({
    id: z.string(),
    account: z.string(),
    state: z.string(),
    articleIdx: z.int().nullable().describe("Null for all articles."),
    mustCancel: z.boolean().describe("Whether the campaign has to be canceled before."),
    messages: z.array(
      z.object({
        number: z.int(),
        msgId: z.string(),
        recalledAt: IsoTime.nullable(),
        inDoubt: z.boolean().describe("Whether a call was made whose outcome is not known."),
        error: TroubleView.nullable(),
      }),
    ),
    cannot: z.array(z.object({ number: z.int(), reason: NotRecalled, message: z.string() })),
    deletes: z.object({ needed: z.int(), left: z.int(), resetsAt: IsoTime }),
    sharing: z.object({
      campaigns: z.array(z.object({ id: z.string(), name: z.string().nullable(), state: z.string() })),
      lookedAt: z.int(),
      more: z.boolean(),
    }),
    notice: z.string(),
  })
  .meta({ id: "RecallPlan", description: "What a recall would do." });
export type RecallView = z.infer<typeof RecallView>;

/** What one has done. */
export const RecalledView = RecallView.extend({
  done: z.boolean(),
  stopped: z
    .object({ reason: z.string(), until: z.string().nullable(), error: TroubleView.nullable() })
    .nullable()
    .describe("Why it has stopped before its end: asked for again, it goes on."),
}).meta({ id: "Recall", description: "What a recall has done." });
export type RecalledView = z.infer<typeof RecalledView>;

export function viewRecall({
  messages,
  cannot,
  deletes,
  sharing,
  articleIdx,
  ...rest
}: RecallPlan): RecallView {
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
    cannot: [...cannot],
    deletes: { ...deletes, resetsAt: iso(deletes.resetsAt) },
    sharing: { ...sharing, campaigns: [...sharing.campaigns] },
    notice: NOTICE,
  };
}

export function viewRecalled({ done, stopped, ...plan }: RecallDone): RecalledView {
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
