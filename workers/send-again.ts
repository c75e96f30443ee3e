import { type AgainPlan, type AgainWish, bodyAgain, planAgain } from "../src/campaign/again.ts";
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
  readonly campaigns: Pick<Campaigns, "find" | "get">;
  readonly batches: Pick<Batches, "of">;
  readonly audiences: Pick<Audiences, "members">;
  readonly contents: Pick<Contents, "readAsked">;
  readonly lists: Pick<Lists, "store" | "remove">;
  readonly reviews: Pick<Reviews, "claimAgain" | "finishAgain">;
  readonly takeIn: TakeIn;
  readonly clock: Clock;
};

/** A campaign with all its batches, what is to be done with them, and who wants it. */
type Task = {
  readonly campaign: Campaign;
  readonly all: readonly Batch[];
  readonly wish: AgainWish;
  readonly by: Signature;
};

/**
 * Sends a campaign's message once more to those who did not get it: as a campaign of its own, whose people are
 * admitted afresh. Which one sends to a batch again stands in the ledger before it is made, so that nobody is in two
 * of them, and a repeat goes on with what a crash has cut short.
 */
export function createSendAgain(parts: Parts) {
  const { campaigns, batches, audiences, contents, lists, reviews, takeIn, clock } = parts;

  return { look, sendAgain };

  /**
   * What sending again would do now.
   *
   * @throws Failure NOT_FOUND, ILLEGAL_MOVE while the campaign has not ended
   */
  async function look(id: string, wish: AgainWish): Promise<AgainPlan> {
    return (await read(id, wish)).plan;
  }

  /**
   * Of one batch a repeat answers with the campaign that sends to it again, whatever became of that.
   *
   * @throws Failure NOT_FOUND, ILLEGAL_MOVE while the campaign has not ended, NOTHING_LEFT, and what storing a list and
   *   taking a campaign in throw
   */
  async function sendAgain(id: string, wish: AgainWish, by: Signature): Promise<Again> {
    const { campaign, all, plan } = await read(id, wish);
    const { made, numbers } = await send({ campaign, all, wish, by }, plan);
    const partly = plan.partly.filter((number) => !numbers.includes(number));
    return { id: made.id, state: made.state, batches: numbers, partly };
  }

  async function read(id: string, wish: AgainWish) {
    const campaign = await campaigns.find(id);
    if (!campaign) throw new Failure("NOT_FOUND", "There is no such campaign.");
    const all = await batches.of(campaign);
    if (wish.batch === undefined) requireEnd(campaign, all);
    return { campaign, all, plan: planAgain(campaign, all, wish, await freeIn(campaign, wish)) };
  }

  /** Makes the campaign for all batches that it was claimed for, whatever a repeat asks for. */
  async function send(task: Task, plan: AgainPlan) {
    const { campaign, all } = task;
    let id = plan.begun ?? (await claim(task, plan.numbers));
    for (;;) {
      const there = await campaigns.find(id);
      const now = await campaigns.get(campaign);
      const numbers = all.map(({ number }) => number).filter((number) => now.again?.[number] === id);
      // One that is not begun any more was made since, or made and removed: made anew it would reach people twice.
      const isBegun = now.againBegun?.[id] === true;
      const made = there ?? (isBegun ? await make(campaign, all, { id, numbers }) : await campaigns.find(id));
      if (made && isOf(made, campaign)) {
        await reviews.finishAgain(campaign, id);
        return { made, numbers };
      }
      if (!isBegun && numbers.length > 0) throw nothingLeft(task, now);
      // Somebody has given this id to a campaign of their own; another may have been claimed in its place by now.
      id = await claim(task, numbers, [id]);
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

  async function claim(
    task: Task,
    numbers: readonly number[],
    others: readonly string[] = [],
  ): Promise<CampaignId> {
    const { campaign, wish, by } = task;
    const free = [...others, ...(await freeIn(campaign, wish))];
    const id = numbers.length > 0 && (await reviews.claimAgain(campaign, { numbers, free }, by, clock.now()));
    if (id) return id;
    const now = await campaigns.get(campaign);
    // Claimed just now: by another, or by this one as the connection broke and the command came twice.
    const begun = numbers.map((number) => now.again?.[number]).find((one) => one && now.againBegun?.[one]);
    const known = wish.batch === undefined ? begun : now.again?.[wish.batch];
    if (known !== undefined && !others.includes(known)) return known as CampaignId;
    throw nothingLeft(task, now);
  }

  function nothingLeft({ all, wish }: Task, now: Campaign): Failure {
    const asked = all.filter(({ number }) => wish.batch === undefined || number === wish.batch);
    const ids = new Set(asked.flatMap(({ number }) => now.again?.[number] ?? []));
    return new Failure("NOTHING_LEFT", `There is nobody to send it to again: ${why().join("; ")}.`);

    function why(): string[] {
      if (now.planned === 0) return ["it was never planned, so send it anew"];
      const isPartly = planAgain(now, asked, {}, []).partly.length > 0;
      const isOpen = asked.some(({ state }) => state === "needs_review");
      const reasons = [
        ...(ids.size > 0 ? [`it was sent again as ${[...ids].join(", ")}`] : []),
        ...(isPartly
          ? ["a failed batch may have reached some of its people, and only partly takes it too"]
          : []),
        ...(isOpen ? ["of a batch under review only a person can tell whether it went out"] : []),
      ];
      return reasons.length > 0 ? reasons : ["no batch of it failed or was canceled"];
    }
  }

  /** Campaigns whose batches may be given another one: for a single batch none, a repeat of its verdict changes nothing. */
  async function freeIn(campaign: Campaign, { batch }: AgainWish): Promise<string[]> {
    return batch === undefined ? neverPlanned(campaign) : [];
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

export type SendAgain = ReturnType<typeof createSendAgain>["sendAgain"];
