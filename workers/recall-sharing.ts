import type { Batch } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { materialOf, WHOLE } from "../src/campaign/recall.ts";
import type { Sharing } from "../src/campaign/recall-view.ts";
import { ownMessage } from "../src/campaign/send-message.ts";
import { shownState } from "../src/campaign/waiting.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";

type Parts = {
  readonly campaigns: Pick<Campaigns, "newest" | "find">;
  readonly batches: Pick<Batches, "of">;
};

/** Campaigns of all accounts that are looked at, the newest: a bound on what one question costs Redis. */
const LOOKED_AT = 1_000;
const PAGE = 100;

/**
 * Which other campaigns of the account went out with the same material: recalled once, WeChat deletes it in all of
 * them (WECHAT.md section 2.5). The same is a media_id, or the msg_data_id that stands in its place in a later send.
 */
export function createRecallSharing({ campaigns, batches }: Parts) {
  return async (campaign: Campaign, own: readonly Batch[]): Promise<Sharing> => {
    const mine = new Set(materialsOf(campaign, own));
    const found: { id: string; name: string | null; state: string }[] = [];
    let lookedAt = 0;
    let more = mine.size > 0;
    while (more && lookedAt < LOOKED_AT) {
      const marks = await campaigns.newest(undefined, lookedAt, PAGE);
      lookedAt += marks.length;
      more = marks.length === PAGE;
      for (const other of await Promise.all(marks.map(({ id }) => campaigns.find(id)))) {
        if (!other || other.id === campaign.id || other.account !== campaign.account) continue;
        if (ownMessage(other)?.msgtype !== ownMessage(campaign)?.msgtype) continue;
        const theirs = await batches.of(other);
        if (!materialsOf(other, theirs).some((material) => mine.has(material))) continue;
        if (!theirs.some(isOut) || found.some(({ id }) => id === other.id)) continue;
        found.push({ id: other.id, name: other.name ?? null, state: shownState(other, theirs) });
      }
    }
    return { campaigns: found, lookedAt, more };
  };
}

function materialsOf(campaign: Campaign, batches: readonly Batch[]): string[] {
  const named = [materialOf(campaign), ...batches.flatMap(({ msgDataId, mediaId }) => [msgDataId, mediaId])];
  return named.flatMap((material) => material || []);
}

/** Sent, or on its way, and still to be seen. */
function isOut({ state, recalls = {} }: Batch): boolean {
  return (state === "accepted" || state === "succeeded") && recalls[WHOLE]?.at === undefined;
}
