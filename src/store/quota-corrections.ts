import { z } from "zod";
import type { Account } from "../campaign/account.ts";
import { type Batch, BatchId } from "../campaign/batch.ts";
import { dayOf, endOfDay } from "../campaign/calendar.ts";
import { QUOTA_APIS, type QuotaApi } from "../campaign/quota.ts";
import type { Batches } from "./batches.ts";
import { addressOf, type Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

type Named = Pick<Account, "id">;

const SEND = "unit:send/";

export type QuotaCorrections = ReturnType<typeof createQuotaCorrections>;

/** What WeChat tells of its own counts, and what setting them to 0 does to ours (WECHAT.md section 5). */
export function createQuotaCorrections(redis: RedisClient, keys: Keys, batches: Pick<Batches, "find">) {
  const hearScript = createScript(redis, "hear-quota", z.tuple([z.number(), z.number()]));
  const clearScript = createScript(redis, "clear-quota", z.literal("cleared"));

  return {
    /**
     * Counts what was called elsewhere on a day: as much as WeChat has counted beyond ours. Ours is never lowered.
     * `limit`: WeChat's, where it is lower than the account's own.
     */
    async hear(
      { id }: Named,
      said: { api: QuotaApi; day: string; used: number; limit: number | undefined },
    ): Promise<{ external: number; added: number }> {
      const [external, added] = await hearScript(
        [keys.quota(id, said.day)],
        [said.api, said.used, said.limit ?? "", endOfDay(said.day)],
      );
      return { external, added };
    },

    /**
     * WeChat has set its counts of calls to 0, and so are ours of today. Sends that may have gone out stay
     * counted, and so do external ones: what WeChat counts of messages (45028) it is taken to keep.
     */
    async clear({ id }: Named, now: number): Promise<void> {
      const day = dayOf(now);
      const units = await redis.hgetall(keys.quota(id, day));
      const sends = Object.entries(units).filter(([field]) => field.startsWith(SEND));
      const refused: [string, string][] = [];
      for (const [field, holder] of sends) {
        const name = field.slice(SEND.length);
        const batch = BatchId.safeParse(name.replace(/#\d+$/, ""));
        const record = batch.success ? await batches.find(addressOf(id, batch.data)) : undefined;
        if (record && !mayHaveGone(record)) refused.push([name, holder]);
      }
      const others = QUOTA_APIS.filter((api) => api !== "send");
      await clearScript(
        [keys.quota(id, day), keys.account(id)],
        [JSON.stringify(others), JSON.stringify(refused)],
      );
    },
  };
}

function mayHaveGone({ msgId, doubtSince, state }: Batch): boolean {
  return msgId !== undefined || doubtSince !== undefined || state === "sending" || state === "unknown";
}
