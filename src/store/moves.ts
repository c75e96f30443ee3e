import { z } from "zod";
import { BatchState } from "../campaign/batch.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignId } from "../campaign/campaign-id.ts";
import type { Keys } from "./keys.ts";
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
    ) => resumeScript([keys.campaign(account, id), keys.account(account)], [now, from, lift ? "1" : ""]),

    cancel: ({ account, id }: Address, reason: "CANCELED" | "DEADLINE") =>
      cancelScript([keys.campaign(account, id)], [reason]),

    pauseAccount: (account: string) => pauseAccountScript([keys.account(account)], []),
    resumeAccount: (account: string, now: number) => resumeAccountScript([keys.account(account)], [now]),

    /** The account's call that `begin` let through and whose outcome is not recorded yet: whose, since when. */
    async callUnderWay(account: string): Promise<{ campaign: string; callAt: number } | undefined> {
      const owner = await redis.hget(keys.turn(account), "owner");
      const [, campaign, number] = /^(.*)~(\d+)$/.exec(owner ?? "") ?? [];
      if (campaign === undefined) return undefined;
      const key = keys.batch(account, campaign as CampaignId, Number(number));
      const [state, callAt] = Sending.parse(await redis.hmget(key, "state", "callAt"));
      return state === "sending" ? { campaign, callAt } : undefined;
    },
  };
}

export type Moves = ReturnType<typeof createMoves>;
