import { bodyAgain, restOf } from "../src/campaign/again.ts";
import type { Signature } from "../src/campaign/audit.ts";
import type { Batch } from "../src/campaign/batch.ts";
import { type Campaign, isEnded } from "../src/campaign/campaign.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import { movesOf } from "../src/campaign/move.ts";
import type { Again } from "../src/campaign/review-view.ts";
import { nativeSegment } from "../src/campaign/segment.ts";
import { shownState } from "../src/campaign/waiting.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Audiences } from "../src/store/audiences.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Contents } from "../src/store/contents.ts";
import type { Lists } from "../src/store/lists.ts";
import type { Reviews } from "../src/store/reviews.ts";
import type { TakeIn } from "./take-in.ts";

type Parts = {
  readonly campaigns: Pick<Campaigns, "find">;
  readonly batches: Pick<Batches, "of">;
  readonly audiences: Pick<Audiences, "members">;
  readonly contents: Pick<Contents, "readAsked">;
  readonly lists: Pick<Lists, "store" | "remove">;
  readonly reviews: Pick<Reviews, "claimAgain" | "finishAgain">;
  readonly takeIn: TakeIn;
  readonly clock: Clock;
};

/** Of whom: one batch, or everybody who got nothing; `partly`: those too of whom some may have got it. */
export type AgainWish = { readonly batch?: number | undefined; readonly partly?: boolean | undefined };

/**
 * Sends a campaign's message once more to those who did not get it: as a campaign of its own, whose people are
 * admitted afresh. Which one sends to a batch again stands in the ledger before it is made, so that nobody is in two
 * of them, and a repeat goes on with what a crash has cut short.
 */
export function createSendAgain(parts: Parts) {
  const { campaigns, batches, audiences, contents, lists, reviews, takeIn, clock } = parts;

  /**
   * @throws Failure NOT_FOUND, ILLEGAL_MOVE while the campaign has not ended, NOTHING_LEFT, and what taking a campaign
   *   in throws
   */
  return async (id: string, wish: AgainWish, by: Signature): Promise<Again> => {
    const campaign = await campaigns.find(id);
    if (!campaign) throw new Failure("NOT_FOUND", "There is no such campaign.");
    const all = await batches.of(campaign);
    if (wish.batch === undefined) requireEnd(campaign, all);

    const rest = restOf(campaign, all);
    const found = wish.partly ? [...rest.numbers, ...rest.partly] : rest.numbers;
    const asked = wish.batch === undefined ? found : found.filter((number) => number === wish.batch);
    const { made, numbers } = await send(campaign, all, asked, by);
    const { again = {} } = (await campaigns.find(id)) ?? campaign;
    const partly = rest.partly.filter((number) => again[number] === undefined);
    return { id: made.id, state: made.state, batches: numbers, partly };
  };

  /** Makes the campaign for all batches that it was claimed for, whatever a repeat asks for. */
  async function send(campaign: Campaign, all: readonly Batch[], asked: readonly number[], by: Signature) {
    let id = unfinished(campaign, asked) ?? (await claim(campaign, asked, by));
    for (;;) {
      const { again = {} } = (await campaigns.find(campaign.id)) ?? campaign;
      const numbers = all.map(({ number }) => number).filter((number) => again[number] === id);
      const made = (await campaigns.find(id)) ?? (await make(campaign, all, { id, numbers }));
      if (made && isOf(made, campaign)) {
        await reviews.finishAgain(campaign, id);
        return { made, numbers };
      }
      // Somebody has given this id to a campaign of their own.
      id = await claim(campaign, numbers, by, [id]);
    }
  }

  function isOf({ account, againOf }: Campaign, campaign: Campaign): boolean {
    return account === campaign.account && againOf === campaign.id;
  }

  function requireEnd(campaign: Campaign, all: readonly Batch[]): void {
    if (isEnded(campaign.state)) return;
    const shown = shownState(campaign, all);
    throw new Failure("ILLEGAL_MOVE", `The campaign is ${shown}: what is left of it is known at its end.`, {
      details: { allowed: movesOf(shown) },
    });
  }

  /** The campaign that was to send to one of these again, and may never have been made. */
  function unfinished({ again = {}, againBegun = {} }: Campaign, numbers: readonly number[]) {
    const found = numbers.map((number) => again[number]).find((id) => id !== undefined && againBegun[id]);
    return found as CampaignId | undefined;
  }

  async function claim(
    campaign: Campaign,
    numbers: readonly number[],
    by: Signature,
    others: readonly string[] = [],
  ): Promise<CampaignId> {
    const free = [...others, ...(await neverPlanned(campaign))];
    const id = numbers.length > 0 && (await reviews.claimAgain(campaign, { numbers, free }, by, clock.now()));
    if (id) return id;
    const now = (await campaigns.find(campaign.id)) ?? campaign;
    // Claimed just now: by another, or by this one as the connection broke and the command came twice.
    const begun = unfinished(now, numbers);
    if (begun) return begun;
    const { again = {} } = now;
    const before = [...new Set(Object.values(again))].join(", ");
    const none =
      campaign.planned === 0 ? "it was never planned, so send it anew" : "nobody was left without it";
    const why = before === "" ? none : `it was sent again as ${before}`;
    throw new Failure("NOTHING_LEFT", `There is nobody to send it to again: ${why}.`);
  }

  /** Campaigns of its own that ended before anybody was planned in them. */
  async function neverPlanned(campaign: Campaign): Promise<string[]> {
    const ids = [...new Set(Object.values(campaign.again ?? {}))];
    const found = await Promise.all(ids.map((id) => campaigns.find(id)));
    return found.flatMap((one) => (one && isEnded(one.state) && one.planned === 0 ? [one.id] : []));
  }

  /** The campaign of that id: made now, by another meanwhile, or somebody else's; undefined when none can be. */
  async function make(
    campaign: Campaign,
    all: readonly Batch[],
    { id, numbers }: { id: CampaignId; numbers: readonly number[] },
  ): Promise<Campaign | undefined> {
    const content = await contents.readAsked(campaign);
    const isNative = nativeSegment(campaign) !== undefined;
    const name = `again of ${campaign.id}`.slice(0, 200);
    const entries = peopleOf(campaign, all, numbers);
    const list = isNative ? undefined : (await lists.store(entries, { name, now: clock.now() })).id;
    try {
      const { campaign: made } = await takeIn(id, bodyAgain(campaign, content, list), {
        againOf: campaign.id,
      });
      return made;
    } catch (error) {
      // Unless a campaign names it, though the answer was lost.
      if (list !== undefined) await lists.remove(list);
      if (error instanceof Failure && error.code === "ID_REUSED") return campaigns.find(id);
      throw error;
    }
  }

  async function* peopleOf(
    campaign: Campaign,
    all: readonly Batch[],
    numbers: readonly number[],
  ): AsyncGenerator<readonly string[]> {
    for (const batch of all)
      if (numbers.includes(batch.number)) yield await audiences.members(campaign, batch);
  }
}

export type SendAgain = ReturnType<typeof createSendAgain>;
