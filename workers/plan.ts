import { clientMsgId } from "../src/campaign/batch.ts";
import { monthOf } from "../src/campaign/calendar.ts";
import { askedFor, type Campaign } from "../src/campaign/campaign.ts";
import { BATCH_MIN, type Cut, cutBatches } from "../src/campaign/cut.ts";
import { nativeSegment } from "../src/campaign/segment.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Audiences, Tally } from "../src/store/audiences.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Reservations } from "../src/store/reservations.ts";
import type { Admit } from "./admit.ts";
import type { OpenMonth } from "./open-month.ts";
import { createPlanSegment } from "./plan-segment.ts";

type Parts = {
  readonly campaigns: Campaigns;
  readonly batches: Batches;
  readonly audiences: Audiences;
  readonly reservations: Reservations;
  /** Who may get a message this month: `admit.ts`. */
  readonly admit: Admit;
  readonly openMonth: OpenMonth;
  /** Waits until the plan outlives a power loss; answers how long the first call has to wait for it. */
  readonly makeDurable: () => Promise<number>;
  readonly clock: Clock;
  /** How the admitted lists, by their lengths, are cut into batches; smaller ones are given by tests. */
  readonly cut?: (shardLengths: readonly number[]) => Cut[];
};

/**
 * Admits a campaign's people under the monthly cap and cuts them into full batches. A run after a crash
 * finds the shards and batches that are done and goes on behind them; whatever it makes again is the
 * same. A campaign that is canceled meanwhile is left as it is. Read on in `settle.ts`.
 */
export function createPlan(parts: Parts) {
  const { campaigns, batches, audiences, reservations, admit, openMonth, makeDurable, clock } = parts;
  const { cut = cutBatches } = parts;

  const planSegment = createPlanSegment(parts);

  return async (campaign: Campaign, job: JobView): Promise<Campaign> => {
    const segment = nativeSegment(campaign);
    try {
      await (segment ? planSegment(campaign, segment, job) : plan(campaign, job));
    } catch (failure) {
      if (!(failure instanceof Failure && failure.code === "AUDIENCE_LOST")) throw failure;
      // Redis has lost a piece of the list: nothing is sent to a part of it unasked.
      await sendNothing(campaign, "AUDIENCE_LOST", { capped: 0, duplicate: 0 });
      await job.note(`Nothing is sent: ${failure.message}`);
    }
    return campaigns.get(campaign);
  };

  async function plan(preparing: Campaign, job: JobView): Promise<void> {
    const noted = await noteMonth(preparing);
    if (!noted) return;
    const campaign = { ...preparing, ...noted };
    const { month } = noted;
    if (campaign.overCap === "fail") {
      // Read only, so that a campaign that can't be sent takes no message from another, not even for a moment.
      const counted = await admit.count(campaign, month);
      // Once reserving has begun, by a run that crashed or still goes on, its own reservations are among them.
      const [reserving] = await reservations.has(campaign, ["reserving"]);
      if (counted.capped > 0 && !reserving) return refuse(campaign, counted, job);
      await reservations.mark(campaign, "reserving");
    }
    const storedAt = await admit.reserve(campaign, month);
    if (!storedAt) return;

    const tallies = await talliesOf(campaign);
    const sum = sumOf(tallies);
    // Others have taken their messages since they were counted; the campaign's job gives back what this one took.
    if (campaign.overCap === "fail" && sum.capped > 0) return refuse(campaign, sum, job);
    if (sum.admitted < BATCH_MIN) return sendNothing(campaign, "NOBODY_TO_SEND", sum);

    const cuts = cut(tallies.map(({ admitted }) => admitted));
    const durableMs = await makeDurable();
    const durableAt = (shard: number) => (durableMs === 0 ? 0 : storedAt(shard) + durableMs);
    await addBatches(campaign, month, { cuts, durableAt, last: tallies.length - 1 });
    const sendableAt = clock.now();
    const audience = { ...campaign.audience, ...sum };
    await talliesOf(campaign);
    const word = await campaigns.startSending(campaign, { planned: cuts.length, audience, sendableAt });
    if (word === "incomplete") throw lost();
    await job.note(
      `Planned ${cuts.length} batches for ${sum.admitted} people; ${sum.duplicate} came twice, ${sum.capped} are at the cap, ${sum.excluded} are excluded.`,
    );
  }

  /** What became of each shard; of all of them everybody is told, or Redis has lost one. */
  async function talliesOf(campaign: Campaign): Promise<Tally[]> {
    const tallies = (await audiences.tallies(campaign)).map((tally) => tally ?? NOBODY);
    const { admitted, capped, excluded, duplicate } = sumOf(tallies);
    const { received, invalid } = campaign.audience;
    if (admitted + capped + excluded + duplicate !== received - invalid) throw lost();
    return tallies;
  }

  /** The month of this plan and the account's shards in it: the first run decides. */
  async function noteMonth(campaign: Campaign): Promise<{ month: string; shards: number } | undefined> {
    const { account, shards, audience } = campaign;
    if (campaign.month !== undefined) return { month: campaign.month, shards };
    const month = monthOf(clock.now());
    return campaigns.noteMonth(campaign, {
      month,
      shards: await openMonth(account, month, audience.received),
    });
  }

  async function refuse(campaign: Campaign, counted: Tally, job: JobView): Promise<void> {
    await sendNothing(campaign, "OVER_CAP", counted);
    await job.note(`Nothing is sent: ${counted.capped} people are at the cap.`);
  }

  /** Whoever could have been sent to is counted as excluded; what was reserved goes back in `settle.ts`. */
  async function sendNothing(
    campaign: Campaign,
    reason: NonNullable<Campaign["reason"]>,
    { capped, duplicate }: Pick<Tally, "capped" | "duplicate">,
  ): Promise<void> {
    const { received, invalid } = campaign.audience;
    const excluded = received - invalid - duplicate - capped;
    const audience = { ...campaign.audience, duplicate, capped, excluded };
    await campaigns.startSending(campaign, { planned: 0, audience, sendableAt: 0, reason });
  }

  /**
   * A batch may go once it is sure to be cut again as it is, whatever a crash takes: it is cut from the lists of its
   * own shards and those before, which are stored in their order and lost from the end. That a full batch follows it
   * has to be sure as well, for the end of all lists moves the last two cuts (`campaign/cut.ts`): those wait for all
   * of them, and so does every batch where somebody at the cap in the last shard would call off the whole.
   */
  async function addBatches(campaign: Campaign, month: string, { cuts, durableAt, last }: Cutting) {
    const { account, id, overCap } = campaign;
    const message = askedFor(campaign);
    for await (const [index, members] of numbered(membersOf(campaign, cuts))) {
      const cut = cuts[index] as Cut;
      const isFollowed = index < cuts.length - 2 && overCap !== "fail";
      const notBefore = durableAt(isFollowed ? (cuts[index + 1] as Cut).to.shard : last);
      const number = index + 1;
      const clientmsgid = clientMsgId({ account, campaign: id, number, message, members });
      await batches.add(account, { campaign: id, number, month, ...cut, clientmsgid, notBefore });
    }
  }

  async function* membersOf(campaign: Campaign, cuts: readonly Cut[]) {
    try {
      yield* audiences.membersOf(campaign, cuts);
    } catch (failure) {
      throw failure instanceof Failure && failure.code === "AUDIENCE_LOST" ? lost() : failure;
    }
  }
}

type Cutting = {
  readonly cuts: readonly Cut[];
  /** From when on a power loss can't take the shards up to one back, in milliseconds. */
  readonly durableAt: (shard: number) => number;
  readonly last: number;
};

async function* numbered<Item>(items: AsyncIterable<Item>): AsyncGenerator<[index: number, item: Item]> {
  let index = 0;
  for await (const item of items) yield [index++, item];
}

/** A failover may lose what was acknowledged right before it: what is there stays, the rest is made again. */
function lost(): Failure {
  return new Failure("REDIS_AWAY", "Redis has lost a part of the plan: it is made again.");
}

const NOBODY: Tally = { admitted: 0, capped: 0, excluded: 0, duplicate: 0 };

function sumOf(tallies: readonly Tally[]): Tally {
  const sum = (of: keyof Tally) => tallies.reduce((total, tally) => total + tally[of], 0);
  const duplicate = sum("duplicate");
  return { admitted: sum("admitted"), capped: sum("capped"), excluded: sum("excluded"), duplicate };
}
