import { Batch, BatchState } from "../campaign/batch.ts";
import { type Campaign, isEnded } from "../campaign/campaign.ts";
import { type Standing, type StandingBatch, standingOf } from "../campaign/standing.ts";
import { wechatBlockIn } from "./blocks.ts";
import type { Campaigns } from "./campaigns.ts";
import { unpack } from "./fields.ts";
import type { Keys } from "./keys.ts";
import type { RedisClient } from "./script.ts";
import { UNCLAIMED_KEEP_MS } from "./unclaimed.ts";

const FIELDS = [
  "state",
  "size",
  "msgId",
  "counts",
  "review",
  "wait",
  "callAt",
  "notBefore",
  "acceptedAt",
] as const;
const TEXTS = new Set(["state", "msgId"]);
const Fields = Batch.pick(Object.fromEntries(FIELDS.map((field) => [field, true])) as Record<Field, true>);
type Field = (typeof FIELDS)[number];

/** Read at once: more would hold up others' commands, and this process. */
const SLICE = 500;

/** What waits in an account for WeChat or a person, whatever its campaign. */
export type Doubts = {
  /** When the batch was called first that has been in doubt for longest, in milliseconds. */
  readonly doubtSince: number | undefined;
  /** Batches under review, of ended campaigns too. */
  readonly inReview: number;
  /** Results that no batch owns and nobody has booked. */
  readonly unmatched: number;
};

/** How the accounts stand, for those who watch: reads only, and of each batch no more than it needs. */
export function createStandings(
  redis: RedisClient,
  keys: Keys,
  campaigns: Pick<Campaigns, "open" | "findAt">,
) {
  return {
    async standing(account: string, now: number): Promise<Standing> {
      const hash = await redis.hgetall(keys.account(account));
      const open = [];
      for (const ids of slices(await campaigns.open(account)))
        for (const campaign of await Promise.all(ids.map((id) => campaigns.findAt({ account, id }))))
          if (campaign && !isEnded(campaign.state))
            open.push({ campaign, batches: await batchesOf(campaign) });
      return standingOf(open, { paused: hash.paused !== undefined, block: wechatBlockIn(hash) }, now);
    },

    async doubts(account: string, now: number): Promise<Doubts> {
      const [[, doubtSince], inReview, unclaimed] = await Promise.all([
        redis.zrange(keys.doubt(account), "0", "0", "WITHSCORES"),
        redis.zcard(keys.review(account)),
        redis.zrangebyscore(keys.unclaimed(account), `(${now - UNCLAIMED_KEEP_MS}`, "+inf"),
      ]);
      const bookings = unclaimed.map((msgId) => keys.bookingOfMessage(account, msgId));
      const booked = bookings.length === 0 ? 0 : await redis.exists(...bookings);
      return {
        doubtSince: doubtSince === undefined ? undefined : Number(doubtSince),
        inReview,
        unmatched: unclaimed.length - booked,
      };
    },
  };

  async function batchesOf({ account, id, planned }: Campaign): Promise<StandingBatch[]> {
    const numbers = Array.from({ length: planned }, (_, index) => index + 1);
    const found = [];
    for (const slice of slices(numbers)) {
      const rows = await Promise.all(
        slice.map((number) => redis.hmget(keys.batch(account, id, number), ...FIELDS)),
      );
      found.push(...rows.map((row, at) => batchIn(slice[at] as number, row)));
    }
    return found.filter((batch) => batch !== undefined);
  }
}

function slices<Item>(all: readonly Item[]): Item[][] {
  const starts = Array.from({ length: Math.ceil(all.length / SLICE) }, (_, index) => index * SLICE);
  return starts.map((start) => all.slice(start, start + SLICE));
}

/** Undefined where a failover has lost it. */
function batchIn(number: number, row: readonly (string | null)[]): StandingBatch | undefined {
  const hash = FIELDS.flatMap((field, at) => (row[at] == null ? [] : [[field, row[at]]]));
  if (!BatchState.safeParse(row[0]).success) return undefined;
  return { number, ...Fields.parse(unpack(Object.fromEntries(hash), TEXTS)) };
}
