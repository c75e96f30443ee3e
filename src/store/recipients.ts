import type { Batch } from "../campaign/batch.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { OpenId } from "../campaign/openid.ts";
import { shardOf } from "../campaign/shard.ts";
import type { Audiences } from "./audiences.ts";

/** What became of somebody in a campaign. */
export type Outcome = "admitted" | "capped" | "duplicate" | "excluded" | "invalid" | "absent";

/** `openid` is the entry as it came where that was none; `batch` is absent for who was put in none. */
export type Recipient = { readonly openid: string; readonly outcome: Outcome; readonly batch?: Batch };

/** Of somebody in no batch: not cut into batches yet; or nothing was sent: canceled, alone, another one at the cap. */
export function withoutBatch({ state }: Pick<Campaign, "state">): Outcome {
  return state === "scheduled" || state === "preparing" ? "admitted" : "excluded";
}

/**
 * What became of those whom a batch was cut for. Who has left one that was admitted again in a later month was
 * at the cap there, could not be reached, or was alone in the end.
 */
export async function openFates(
  audiences: Pick<Audiences, "readLeft" | "readReadmitted">,
  campaign: Campaign,
  batch: Batch,
): Promise<(openid: OpenId) => Outcome> {
  if (!batch.readmitted) return () => "admitted";
  const left = new Set(batch.check === "done" ? await audiences.readLeft(campaign, batch) : []);
  const stayed = new Set(await audiences.readReadmitted(campaign, batch));
  return (openid) => {
    if (left.has(openid)) return "excluded";
    if (!stayed.has(openid)) return "capped";
    return batch.size > 0 ? "admitted" : "excluded";
  };
}

/**
 * Everybody of a campaign and what became of them, some thousand at once: hash shard by hash shard, and of one
 * without a batch its list as it came. Who stands in the list twice is told once, as soon as there is a plan.
 */
export function createRecipients(audiences: Audiences) {
  return async function* all(campaign: Campaign, batches: readonly Batch[]): AsyncGenerator<Recipient[]> {
    if (campaign.planned === 0) yield* unplanned(campaign);
    yield* planned(campaign, batches);
    for await (const entries of audiences.readInvalid(campaign))
      yield entries.map((openid) => ({ openid, outcome: "invalid" }));
  };

  /** The list as it came, but for those whom the plan, as far as it got, tells apart. */
  async function* unplanned(campaign: Campaign): AsyncGenerator<Recipient[]> {
    const tallies = await audiences.tallies(campaign);
    const outcome = withoutBatch(campaign);
    for await (const chunk of audiences.readList(campaign)) {
      const people = chunk.toString().split("\n");
      yield people
        .filter((openid) => tallies[shardOf(openid, campaign.shards)] === undefined)
        .map((openid) => ({ openid, outcome }));
    }
  }

  async function* planned(campaign: Campaign, batches: readonly Batch[]): AsyncGenerator<Recipient[]> {
    let at = 0;
    let fates: { of: Batch; tell: (openid: OpenId) => Outcome } | undefined;
    for (let shard = 0; shard < campaign.shards; shard++) {
      const people: Recipient[] = [];
      for (const [offset, openid] of (await audiences.readShard(campaign, shard)).entries()) {
        while (isBehind(batches[at], shard, offset)) at++;
        const batch = batches[at];
        if (batch && fates?.of !== batch)
          fates = { of: batch, tell: await openFates(audiences, campaign, batch) };
        people.push(
          batch && fates
            ? { openid, outcome: fates.tell(openid), batch }
            : { openid, outcome: withoutBatch(campaign) },
        );
      }
      for (const outcome of ["capped", "excluded"] as const)
        for (const openid of await audiences.readShard(campaign, shard, outcome))
          people.push({ openid, outcome });
      yield people;
    }
  }
}

/** Whether a batch ends before this place of the plan: batches are cut one behind the other. */
function isBehind(batch: Batch | undefined, shard: number, offset: number): boolean {
  return batch !== undefined && !isWithin(batch, shard, offset);
}

/** Whether a place of the plan is before a batch's end. */
export function isWithin({ to }: Pick<Batch, "to">, shard: number, offset: number): boolean {
  return shard < to.shard || (shard === to.shard && offset < to.offset);
}
