import { z } from "zod";
import { type Batch, isClosed } from "./batch.ts";
import type { Campaign } from "./campaign.ts";
import { movesOf } from "./move.ts";
import { mediaIdIn, ownMessage } from "./send-message.ts";
import { shownState } from "./waiting.ts";

/** Stands for all articles of a message, as WeChat has it (WECHAT.md section 2.5). */
export const WHOLE = 0;

/** Why WeChat can't take a batch back. */
export const NotRecalled = z.enum(["KIND", "IN_DOUBT", "FAILED", "CANCELED", "NOT_CLOSED"]);
export type NotRecalled = z.infer<typeof NotRecalled>;

const reasons: Readonly<Record<NotRecalled, string>> = {
  KIND: "WeChat takes back articles and videos only.",
  IN_DOUBT: "Whether it was sent is not known, or a person has to look first.",
  FAILED: "It was not sent, or WeChat says that it failed.",
  CANCELED: "It was never sent.",
  NOT_CLOSED: "It has not ended yet: once WeChat has sent it, recall it then.",
};

/** One message, or article of it, that WeChat takes back: `at` says when it did. */
export type Recallable = {
  readonly number: number;
  readonly msgId: string;
  readonly at: number | undefined;
  /** Whether a call was made whose outcome is not known. */
  readonly inDoubt: boolean;
  readonly trouble: Batch["trouble"];
};

export type Recall = {
  readonly messages: readonly Recallable[];
  readonly cannot: readonly { number: number; reason: NotRecalled; message: string }[];
};

/**
 * What stands behind a message at WeChat: deleting one message of a material deletes all of them. Undefined for
 * a kind that WeChat does not take back.
 */
export function materialOf(campaign: Pick<Campaign, "message" | "prepared">): string | undefined {
  const message = ownMessage(campaign);
  return message?.msgtype === "mpnews" || message?.msgtype === "mpvideo" ? mediaIdIn(message) : undefined;
}

/** Whether a campaign could still send something: it has to be canceled before it can be recalled. */
export function stillSends(campaign: Campaign, batches: readonly Batch[]): boolean {
  return movesOf(shownState(campaign, batches)).includes("cancel");
}

/** What a recall of all (`articleIdx` 0) or of one article can do: only what WeChat sent successfully. */
export function recallOf(
  campaign: Pick<Campaign, "message" | "prepared">,
  batches: readonly Batch[],
  articleIdx: number,
): Recall {
  const hasKind = materialOf(campaign) !== undefined;
  const messages: Recallable[] = [];
  const cannot: { number: number; reason: NotRecalled; message: string }[] = [];
  for (const batch of batches) {
    const reason = hasKind ? whyNot(batch) : "KIND";
    if (reason === undefined && batch.msgId !== undefined)
      messages.push(recallable(batch, batch.msgId, articleIdx));
    else {
      const why = reason ?? "IN_DOUBT";
      cannot.push({ number: batch.number, reason: why, message: reasons[why] });
    }
  }
  return { messages, cannot };
}

function whyNot({ state }: Batch): NotRecalled | undefined {
  if (state === "succeeded") return undefined;
  if (state === "failed") return "FAILED";
  if (state === "canceled") return "CANCELED";
  return state === "needs_review" || state === "unknown" || isClosed(state) ? "IN_DOUBT" : "NOT_CLOSED";
}

function recallable({ number, recalls = {} }: Batch, msgId: string, articleIdx: number): Recallable {
  const [whole, one] = [recalls[WHOLE], recalls[articleIdx]];
  return {
    number,
    msgId,
    at: whole?.at ?? one?.at,
    inDoubt: one?.at === undefined && (one?.inDoubt === true || one?.askingUntil !== undefined),
    trouble: one?.trouble,
  };
}
