import { z } from "zod";
import { AuditEntry } from "../campaign/audit.ts";
import { Failure } from "../failure.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** Entries that are looked through at once for those of one campaign. */
const PAGE = 500;

/** An entry as the scripts take it: one that is not given writes nothing. */
export function entryOf(entry: AuditEntry | undefined): string {
  return entry ? JSON.stringify(entry) : "";
}

/**
 * Who did what to an account and its campaigns, when and why. What changes the ledger writes its entry in the same
 * script; what makes calls of WeChat's is noted before the first.
 */
export function createAudits(redis: RedisClient, keys: Keys) {
  const noteScript = createScript(redis, "note-audit", z.literal("noted"));

  return {
    note: (entry: AuditEntry) => noteScript([keys.audit(entry.account)], [entryOf(entry)]),

    /**
     * Newest first; `campaign`: of one alone. `nextCursor` is where the next page begins.
     *
     * @throws Failure INVALID_PARAMETER for a cursor that this did not give out
     */
    async list(
      account: string,
      {
        campaign,
        cursor,
        limit,
      }: { campaign?: string | undefined; cursor?: string | undefined; limit: number },
    ): Promise<{ items: AuditEntry[]; nextCursor: string | null }> {
      if (cursor !== undefined && !/^\d{1,16}-\d{1,16}$/.test(cursor)) throw badCursor();
      const items: AuditEntry[] = [];
      let before = cursor;
      for (;;) {
        const from = before === undefined ? "+" : `(${before}`;
        const rows = await redis.xrevrange(keys.audit(account), from, "-", "COUNT", PAGE);
        for (const [id, [, json]] of rows) {
          const entry = AuditEntry.parse(JSON.parse(json ?? ""));
          before = id;
          if (campaign !== undefined && entry.campaign !== campaign) continue;
          items.push(entry);
          if (items.length === limit) return { items, nextCursor: (await isLast(account, id)) ? null : id };
        }
        if (rows.length < PAGE) return { items, nextCursor: null };
      }
    },
  };

  async function isLast(account: string, id: string): Promise<boolean> {
    return (await redis.xrevrange(keys.audit(account), `(${id}`, "-", "COUNT", 1)).length === 0;
  }
}

function badCursor(): Failure {
  return new Failure("INVALID_PARAMETER", "The query has parameters that do not fit.", {
    details: { errors: [{ path: "cursor", message: "expected a nextCursor" }] },
  });
}

export type Audits = ReturnType<typeof createAudits>;
