import { z } from "zod";
import { type BatchId, BatchState } from "../campaign/batch.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { addressOf, type Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

const Moved = z.enum(["moved", "illegal"]);

const Sending = z.tuple([BatchState.nullable(), z.coerce.number()]);

type Address = Pick<Campaign, "account" | "id">;

/**
 * What people and the calendar do to a campaign or an account: each change is one script that also checks
 * whether it may be made. "illegal": the campaign is no longer in a state that takes it.
 */
export function createMoves(redis: RedisClient, keys: Keys) {
  const pauseScript = createScript(redis, "pause-campaign", Moved);
  const resumeScript = createScript(redis, "resume-campaign", Moved);
  const cancelScript = createScript(redis, "cancel-campaign", Moved);
  const pauseAccountScript = createScript(redis, "pause-account", z.literal("paused"));
  const resumeAccountScript = createScript(redis, "resume-account", z.literal("active"));

  return {
    pause: ({ account, id }: Address) => pauseScript([keys.campaign(account, id)], []),

    /** `from`: as it was shown; `lift`: whether the batches behind the first are to go. */
    resume: (
      { account, id }: Address,
      { from, lift }: { from: "paused" | "waiting"; lift: boolean },
      now: number,
    ) =>
      resumeScript(
        [keys.campaign(account, id), keys.account(account), keys.token(account)],
        [now, from, lift ? "1" : ""],
      ),

    cancel: ({ account, id }: Address, reason: "CANCELED" | "DEADLINE") =>
      cancelScript([keys.campaign(account, id)], [reason]),

    pauseAccount: (account: string) => pauseAccountScript([keys.account(account)], []),
    resumeAccount: (account: string, now: number) =>
      resumeAccountScript([keys.account(account), keys.token(account)], [now]),

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
