import { type Batch, givesBack, isClosed } from "./batch.ts";
import type { CampaignBody } from "./body.ts";
import type { Campaign } from "./campaign.ts";
import type { CampaignId } from "./campaign-id.ts";
import type { ContentMessage } from "./content.ts";
import type { ListId } from "./list.ts";
import { nativeSegment } from "./segment.ts";
import { timesOf } from "./window.ts";

/** Of whom: one batch, or everybody who got nothing; `partly`: those too of whom some may have got it. */
export type AgainWish = { readonly batch?: number | undefined; readonly partly?: boolean | undefined };

/** What sending again would do, by batch. */
export type AgainPlan = {
  /** A campaign that was to do so, and may never have been made. */
  readonly begun: CampaignId | undefined;
  /** To whom: all that the begun one was for, else those that no other campaign sends to. */
  readonly numbers: readonly number[];
  /** Left out, for some of their people may have got it. */
  readonly partly: readonly number[];
};

/** `free`: campaigns that sent to these again, and ended before anybody was planned in them. */
export function planAgain(
  campaign: Campaign,
  batches: readonly Batch[],
  wish: AgainWish,
  free: readonly string[],
): AgainPlan {
  const { again = {}, againBegun = {} } = campaign;
  const rest = restOf(campaign, batches);
  const found = wish.partly ? [...rest.numbers, ...rest.partly] : rest.numbers;
  const asked = found.filter((number) => wish.batch === undefined || number === wish.batch);
  const isLeft = (number: number) => again[number] === undefined || free.includes(again[number]);
  const begun = asked.map((number) => again[number]).find((id) => id !== undefined && againBegun[id]);
  const numbers =
    begun === undefined
      ? asked.filter(isLeft)
      : batches.map(({ number }) => number).filter((number) => again[number] === begun);
  const partly = rest.partly.filter((number) => isLeft(number) && !numbers.includes(number));
  return { begun: begun as CampaignId | undefined, numbers, partly };
}

/**
 * The batches of a campaign whose people got nothing: failed ones and canceled ones, with anybody in them. One whose
 * failure is known from a poll only, or that WeChat says was sent to some, is told apart, `partly`: sent again it would
 * reach them twice.
 */
function restOf(campaign: Campaign, batches: readonly Batch[]): { numbers: number[]; partly: number[] } {
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
