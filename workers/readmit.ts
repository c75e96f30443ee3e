import { type Batch, clientMsgId } from "../src/campaign/batch.ts";
import { monthOf } from "../src/campaign/calendar.ts";
import { askedFor, type Campaign } from "../src/campaign/campaign.ts";
import { admitUnder } from "../src/campaign/cap.ts";
import { BATCH_MIN } from "../src/campaign/cut.ts";
import type { OpenId } from "../src/campaign/openid.ts";
import { byShard } from "../src/campaign/shard.ts";
import type { Clock } from "../src/clock.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Audiences } from "../src/store/audiences.ts";
import type { Caps } from "../src/store/caps.ts";
import type { Reservations } from "../src/store/reservations.ts";
import type { OpenMonth } from "./open-month.ts";

type Parts = {
  readonly audiences: Audiences;
  readonly caps: Caps;
  readonly reservations: Reservations;
  readonly openMonth: OpenMonth;
  readonly limitOf: (campaign: Campaign) => number;
  /** Waits until what is written outlives a power loss; answers how long the first call has to wait for it. */
  readonly makeDurable: () => Promise<number>;
  readonly clock: Clock;
};

/**
 * Admits a batch again that has slipped past the end of the month in which its people were admitted
 * (MECHANICS section 3): the same number, the same people or fewer, a new clientmsgid. Its old reservations
 * stay where they are, for that month is over. Only for a batch whose every call was clearly refused; one
 * in doubt is never changed.
 */
export function createReadmit({
  audiences,
  caps,
  reservations,
  openMonth,
  limitOf,
  makeDurable,
  clock,
}: Parts) {
  return async (campaign: Campaign, batch: Batch, job: JobView): Promise<void> => {
    const { account, id } = campaign;
    const message = askedFor(campaign);
    const { number } = batch;
    const month = monthOf(clock.now());
    if (batch.month === month) return;
    const shards = await openMonth(account, month, campaign.audience.received);
    const before = await audiences.members(campaign, batch);
    await undoOther(campaign, number, month);
    for (const [shard, people] of byShard(before, shards))
      if (!(await readmitShard(campaign, batch, { month, shard, people }))) return;

    const groups = await reservations.readmission(campaign, number);
    const admitted = new Set(groups.flatMap(({ people }) => people));
    const left = before.filter((openid) => admitted.has(openid));
    const alone = left.length < BATCH_MIN ? groups.filter(({ people }) => people.length > 0) : [];
    for (const group of alone) await reservations.giveBackReadmitted(campaign, number, group);
    const result = {
      month,
      members: left,
      clientmsgid: clientMsgId({ account, campaign: id, number, month, message, members: left }),
      capped: before.length - left.length,
      excluded: alone.length,
    };
    // Lost and made again with other people it would be sent twice (MECHANICS section 6).
    const waitMs = await makeDurable();
    const now = clock.now();
    const word = await reservations.readmitBatch(
      campaign,
      batch,
      { ...result, notBefore: now + waitMs },
      now,
    );
    await job.note(`Slipped into ${month}: ${word}, ${result.capped} of its people are at the cap there.`);
  };

  async function readmitShard(
    campaign: Campaign,
    batch: Batch,
    { month, shard, people }: { month: string; shard: number; people: readonly OpenId[] },
  ): Promise<boolean> {
    for (;;) {
      const read = await caps.read({ account: campaign.account, month }, shard);
      const { admitted } = admitUnder(read.people, people, limitOf(campaign) - read.base);
      const word = await reservations.readmitShard(campaign, batch, { month, shard, people: admitted }, read);
      if (word !== "conflict") return word === "stored" || word === "done";
    }
  }

  /** A crash in a month that is over by now has left another readmission half done. */
  async function undoOther(campaign: Campaign, number: number, month: string): Promise<void> {
    const groups = await reservations.readmission(campaign, number);
    if (groups.some((group) => group.month !== month)) await reservations.undoReadmission(campaign, number);
  }
}

export type Readmit = ReturnType<typeof createReadmit>;
