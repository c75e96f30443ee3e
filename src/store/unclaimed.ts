import { z } from "zod";
import { Counts, Trouble } from "../campaign/batch.ts";
import type { Keys } from "./keys.ts";
import { decodeCursor, encodeCursor, isOlder, type Mark } from "./page.ts";
import type { RedisClient } from "./script.ts";

/** How long a result waits for the batch whose msg_id it names (MECHANICS section 1). */
export const UNCLAIMED_KEEP_MS = 7 * 24 * 3_600_000;

/**
 * How far the clocks of the process that began a call and of the one that got a result may be apart: a
 * result that came this little before a call in doubt could be the call's own.
 */
export const SKEW_MS = 60_000;

const json = <Schema extends z.ZodType>(schema: Schema) =>
  z.string().transform((text) => schema.parse(JSON.parse(text)));

/**
 * How long after its call a result may still be that call's: it may be repeated for a day, and results are
 * waited for as long as they are kept. An older review bars no booking.
 */
export const OWNABLE_MS = UNCLAIMED_KEEP_MS + 24 * 3_600_000;

/** A result as `batches.deliver` keeps it. */
const KeptResult = z.object({
  state: z.enum(["succeeded", "failed"]),
  counts: json(Counts).optional(),
  trouble: json(Trouble).optional(),
});

/** A result of WeChat's whose msg_id no batch owns: sent from elsewhere, or by a batch in doubt. */
export type Unclaimed = {
  readonly msgId: string;
  /** Milliseconds. */
  readonly receivedAt: number;
  readonly result: z.infer<typeof KeptResult>;
  /** Whether a batch in doubt or under review could still own it. */
  readonly maybeOurs: boolean;
};

/** What reached qunfa as a callback only; `bookings` counts it towards the cap when a person says so. */
export function createUnclaimed(redis: RedisClient, keys: Keys) {
  /** Whether a batch in doubt or under review could own a result that came at this moment. */
  async function maybeOurs(account: string, arrivedAt: number): Promise<boolean> {
    const counts = await Promise.all(
      [keys.doubt(account), keys.review(account)].map((key) =>
        redis.zcount(key, arrivedAt - OWNABLE_MS, arrivedAt + SKEW_MS),
      ),
    );
    return counts.some((count) => count > 0);
  }

  /** Newest first, behind `after`: at most `count`, and one more to tell whether there are others. */
  async function marks(
    account: string,
    after: Mark | undefined,
    count: number,
    now: number,
  ): Promise<Mark[]> {
    const key = keys.unclaimed(account);
    // Of the moment at which the last page ended some have been seen.
    const seen = after ? await redis.zcount(key, after.at, after.at) : 0;
    const from = `(${now - UNCLAIMED_KEEP_MS}`;
    const rows = await redis.zrevrangebyscore(
      ...([key, after?.at ?? "+inf", from, "WITHSCORES", "LIMIT", 0, seen + count + 1] as const),
    );
    const found = rows.filter((_, place) => place % 2 === 0);
    return found
      .map((id, place) => ({ id, at: Number(rows[2 * place + 1]) }))
      .filter((mark) => !after || isOlder(mark, after));
  }

  return {
    /** When the result of this msg_id came, in milliseconds; undefined when there is none. */
    async arrivedAt(account: string, msgId: string): Promise<number | undefined> {
      const score = await redis.zscore(keys.unclaimed(account), msgId);
      return score === null ? undefined : Number(score);
    },

    count: (account: string, now: number): Promise<number> =>
      redis.zcount(keys.unclaimed(account), `(${now - UNCLAIMED_KEEP_MS}`, "+inf"),

    /**
     * Newest first.
     *
     * @throws Failure INVALID_PARAMETER for a cursor that this did not give out.
     */
    async list(
      account: string,
      { cursor, limit }: { cursor?: string | undefined; limit: number },
      now: number,
    ): Promise<{ items: Unclaimed[]; nextCursor: string | null }> {
      const after = cursor === undefined ? undefined : decodeCursor("results", cursor);
      const found = await marks(account, after, limit, now);
      const page = found.slice(0, limit);
      const items = await Promise.all(
        page.map(async ({ id: msgId, at: receivedAt }): Promise<Unclaimed[]> => {
          const kept = await redis.get(keys.inbox(account, msgId));
          // A batch has claimed it since the index was read.
          if (kept === null) return [];
          const result = KeptResult.parse(JSON.parse(kept));
          return [{ msgId, receivedAt, result, maybeOurs: await maybeOurs(account, receivedAt) }];
        }),
      );
      const last = page.at(-1);
      return {
        items: items.flat(),
        nextCursor: last && found.length > limit ? encodeCursor("results", last) : null,
      };
    },
  };
}

export type UnclaimedResults = ReturnType<typeof createUnclaimed>;
