import { z } from "zod";
import type { AuditEntry } from "../campaign/audit.ts";
import { type BatchId, BatchState } from "../campaign/batch.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { entryOf } from "./audits.ts";
import { addressOf, type Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

const Moved = z.enum(["moved", "illegal"]);

const Sending = z.tuple([BatchState.nullable(), z.coerce.number()]);

type Address = Pick<Campaign, "account" | "id">;

/**
 * What people and the calendar do to a campaign or an account: each change is one script that also checks
 * whether it may be made, and writes who made it to the audit log. "illegal": the campaign is no longer in a state
 * that takes it.
 */
export function createMoves(redis: RedisClient, keys: Keys) {
  const pauseScript = createScript(redis, "pause-campaign", Moved);
  const resumeScript = createScript(redis, "resume-campaign", Moved);
  const cancelScript = createScript(redis, "cancel-campaign", Moved);
  const pauseAccountScript = createScript(redis, "pause-account", z.literal("paused"));
  const resumeAccountScript = createScript(redis, "resume-account", z.literal("active"));

  return {
    pause: ({ account, id }: Address, entry?: AuditEntry) =>
      pauseScript([keys.campaign(account, id), keys.audit(account)], [entryOf(entry)]),

    /** `from`: as it was shown; `lift`: whether the batches behind the first are to go. */
    resume: (
      { account, id }: Address,
      { from, lift }: { from: "paused" | "waiting"; lift: boolean },
      now: number,
      entry?: AuditEntry,
    ) =>
      resumeScript(
        [keys.campaign(account, id), keys.account(account), keys.token(account), keys.audit(account)],
        [now, from, lift ? "1" : "", entryOf(entry)],
      ),

    cancel: ({ account, id }: Address, reason: "CANCELED" | "DEADLINE", entry?: AuditEntry) =>
      cancelScript([keys.campaign(account, id), keys.audit(account)], [reason, entryOf(entry)]),

    pauseAccount: (account: string, entry?: AuditEntry) =>
      pauseAccountScript([keys.account(account), keys.audit(account)], [entryOf(entry)]),
    resumeAccount: (account: string, now: number, entry?: AuditEntry) =>
      resumeAccountScript(
        [keys.account(account), keys.token(account), keys.audit(account)],
        [now, entryOf(entry)],
      ),

    /**
     * The calls of an account that `begin` let through and whose outcome is not recorded yet: whose they are,
     * and since when. All of them are in doubt, so they are looked for there, and not by whose turn it is.
     */
    async callsUnderWay(account: string): Promise<{ campaign: string; callAt: number }[]> {
      const inDoubt = await redis.zrange(keys.doubt(account), "0", "-1");
      const calls = await Promise.all(
        inDoubt.map(async (id) => {
          const { campaign, number } = addressOf(account, id as BatchId);
          const read = await redis.hmget(keys.batch(account, campaign, number), "state", "callAt");
          const [state, callAt] = Sending.parse(read);
          return state === "sending" ? [{ campaign, callAt }] : [];
        }),
      );
      return calls.flat();
    },
  };
}

export type Moves = ReturnType<typeof createMoves>;
