import { type Batch, givesBack, isClosed } from "./batch.ts";
import type { CampaignBody } from "./body.ts";
import type { Campaign } from "./campaign.ts";
import type { ContentMessage } from "./content.ts";
import type { ListId } from "./list.ts";
import { nativeSegment } from "./segment.ts";
import { timesOf } from "./window.ts";

/** What is left of a campaign, by batch; `partly`: WeChat may have sent these to some of their people. */
export type Rest = { readonly numbers: readonly number[]; readonly partly: readonly number[] };

/**
 * The batches of a campaign whose people got nothing: failed ones and canceled ones, with anybody in them. One whose
 * failure is known from a poll only, or that WeChat says was sent to some, is told apart: sent again it would reach
 * them twice.
 */
export function restOf(campaign: Campaign, batches: readonly Batch[]): Rest {
  const native = nativeSegment(campaign) !== undefined;
  const unsent = batches.filter(
    ({ state, size }) =>
      isClosed(state) && (state === "failed" || state === "canceled") && (size > 0 || native),
  );
  const numbersOf = (some: readonly Batch[]) => some.map(({ number }) => number);
  return {
    numbers: numbersOf(unsent.filter(givesBack)),
    partly: numbersOf(unsent.filter((batch) => !givesBack(batch))),
  };
}

/** A campaign's body once more for some of its people; it starts now, and has neither deadline nor hold. */
export function bodyAgain(
  campaign: Campaign,
  content: ContentMessage | undefined,
  list: ListId | undefined,
): unknown {
  const { account, name, segment, sendIgnoreReprint, metadata, perUserPerMonth, notifyUrl } = campaign;
  const { windowFrom: from, windowTo: to } = campaign;
  const audience = list === undefined ? segment : { type: "list", audienceId: list };
  return {
    account,
    ...(name !== undefined && { name }),
    message: content ?? campaign.message,
    audience,
    send_ignore_reprint: sendIgnoreReprint,
    ...(metadata && { metadata }),
    ...(notifyUrl !== undefined && { notifyUrl }),
    ...(perUserPerMonth !== undefined && { perUserPerMonth }),
    ...(from !== undefined && to !== undefined && { schedule: { window: timesOf({ from, to }) } }),
  } satisfies Partial<Record<keyof CampaignBody, unknown>>;
}
