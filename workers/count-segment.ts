import { type Batch, givesBack } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { nativeSegment } from "../src/campaign/segment.ts";
import type { Clock } from "../src/clock.ts";
import type { Logger } from "../src/log.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Audiences } from "../src/store/audiences.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Gathered } from "../src/store/member-pages.ts";
import type { Reservations } from "../src/store/reservations.ts";
import { eachShard } from "./each-shard.ts";
import type { ReadMembers } from "./gather.ts";
import type { OpenMonth } from "./open-month.ts";

type Parts = {
  readonly batches: Pick<Batches, "of">;
  readonly audiences: Pick<Audiences, "readList">;
  readonly reservations: Pick<Reservations, "has" | "mark" | "book">;
  readonly readMembers: ReadMembers;
  readonly openMonth: OpenMonth;
  readonly clock: Clock;
  readonly log: Logger;
};

const COUNTED = "counted";

/** WeChat is asked again after a minute, for an hour from the batch's end. */
const AGAIN_MS = 60_000;
const GIVE_UP_MS = 3_600_000;

/**
 * Counts a message towards the cap for everybody who has the tag that a campaign was sent to, read afterwards:
 * WeChat itself had found them. Each is counted once. Answers when to look again, or undefined when it is done.
 */
export function createCountSegment({
  batches,
  audiences,
  reservations,
  readMembers,
  openMonth,
  clock,
  log,
}: Parts) {
  return async (campaign: Campaign, job: JobView): Promise<number | undefined> => {
    const segment = nativeSegment(campaign);
    if (segment?.type !== "tag") return undefined;
    const [batch] = await batches.of(campaign);
    const [counted] = await reservations.has(campaign, [COUNTED]);
    if (counted || !batch || givesBack(batch) || batch.calls === 0) return undefined;

    const read = await readMembers(campaign, segment);
    if (read.kind === "read") {
      await count(campaign, batch, read.all);
      await job.note(`Counted a message for ${read.all.received} people who have the tag.`);
      return undefined;
    }
    if (read.kind !== "trouble") return 0;
    if (clock.now() < (batch.closedAt ?? 0) + GIVE_UP_MS) return AGAIN_MS;
    const { account, id } = campaign;
    log.warn(
      { account, campaign: id, tag: segment.tagId, reason: read.why },
      "A tag's members were not counted",
    );
    return undefined;
  };

  async function count(campaign: Campaign, { month }: Batch, { chunks, received }: Gathered): Promise<void> {
    const shards = await openMonth(campaign.account, month, received);
    // Marks of what is counted are only taken by a plan that is there.
    await reservations.mark(campaign, "counting");
    const lines = () => audiences.readList({ account: campaign.account, id: campaign.id, chunks });
    await eachShard(
      { shards, received, lines },
      () => true,
      async (shard, { peopleOf }) => {
        const people = [...new Set(peopleOf())];
        await reservations.book(campaign, `${COUNTED}:${shard}`, { month, shard, people });
        return true;
      },
    );
    await reservations.mark(campaign, COUNTED);
  }
}

export type CountSegment = ReturnType<typeof createCountSegment>;
