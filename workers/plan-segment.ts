import { clientMsgId } from "../src/campaign/batch.ts";
import { monthOf } from "../src/campaign/calendar.ts";
import { askedFor, type Campaign } from "../src/campaign/campaign.ts";
import type { Segment } from "../src/campaign/segment.ts";
import type { Clock } from "../src/clock.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";

type Parts = {
  readonly campaigns: Pick<Campaigns, "noteMonth" | "startSending">;
  readonly batches: Pick<Batches, "add">;
  readonly clock: Clock;
};

const NOWHERE = { shard: 0, offset: 0 };

/**
 * Plans a campaign whose people WeChat itself finds: one batch without members, one call of mass/sendall. Its
 * clientmsgid says whom it goes to, so that a plan that is made again is the same.
 */
export function createPlanSegment({ campaigns, batches, clock }: Parts) {
  return async (campaign: Campaign, segment: Segment, job: JobView): Promise<void> => {
    const { account, id, shards, audience } = campaign;
    const message = askedFor(campaign);
    const noted = await campaigns.noteMonth(campaign, { month: monthOf(clock.now()), shards });
    if (!noted) return;
    const whole = { campaign: id, number: 1, size: 0, month: noted.month, from: NOWHERE, to: NOWHERE };
    const clientmsgid = clientMsgId({ account, campaign: id, number: 1, message, members: [], segment });
    await batches.add(account, { ...whole, clientmsgid });
    await campaigns.startSending(campaign, { planned: 1, audience, sendableAt: clock.now() });
    await job.note("Planned one call: WeChat itself finds the people.");
  };
}
