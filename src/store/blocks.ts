import { z } from "zod";
import { Trouble, WaitReason } from "../campaign/batch.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** What stops the whole account: until a moment, or backing off for trouble of its own. */
export type Block = {
  readonly trouble: Trouble;
} & (
  | {
      readonly reason: "account";
      readonly firstMs: number;
      readonly capMs: number;
      /** Only where it was met so short a time ago already, with no call accepted in between. */
      readonly inARowMs?: number;
    }
  | {
      readonly reason: Exclude<WaitReason, "account">;
      readonly till: number;
      readonly spentDay?: string;
      readonly monthEndsAt?: number;
    }
);

/** A block of WeChat's as the ledger holds it, times in milliseconds. */
const WechatBlock = z
  .object({
    blockReason: WaitReason,
    blockUntil: z.coerce.number(),
    blockSince: z.coerce.number().optional(),
    blockTrouble: z.string(),
  })
  .transform(({ blockReason, blockUntil, blockSince, blockTrouble }) => ({
    reason: blockReason,
    until: blockUntil,
    since: blockSince,
    trouble: Trouble.parse(JSON.parse(blockTrouble)),
  }));
type WechatBlock = z.infer<typeof WechatBlock>;

/** What stops an account's calls; `until` is null where a person must act. */
export type AccountBlock = Omit<WechatBlock, "until"> & { readonly until: number | null };

/** A pause of the account. It never counts towards a give-up, so it has no beginning. */
const pausedBlock: AccountBlock = {
  reason: "account",
  until: null,
  since: undefined,
  trouble: {
    code: "ACCOUNT_PAUSED",
    message: "The account is paused.",
    remedy: "Resume the account when its campaigns may go on.",
  },
};

type AccountHash = Readonly<Record<string, string>>;

/** What WeChat has stopped an account for, by its record, whether a person has paused it or not. */
export function wechatBlockIn(hash: AccountHash): WechatBlock | undefined {
  return hash.blockReason === undefined ? undefined : WechatBlock.parse(hash);
}

/** What stops an account's calls, by its record: why, until when, since when, and what WeChat said. */
export function blockIn(hash: AccountHash): AccountBlock | undefined {
  return hash.paused === undefined ? wechatBlockIn(hash) : pausedBlock;
}

/** Stops an account where no call of ours has met the trouble, such as a refused token; tells what stops one. */
export function createBlocks(redis: RedisClient, keys: Keys) {
  const blockScript = createScript(redis, "block-account", z.number());

  return {
    /** Stops an account without a call; answers until when. */
    put: (account: string, block: Block, now: number) =>
      blockScript(
        [keys.account(account)],
        [now, JSON.stringify({ ...block, trouble: JSON.stringify(block.trouble) })],
      ),

    of: async (account: string) => blockIn(await redis.hgetall(keys.account(account))),

    /** Whether a person has stopped all campaigns of an account. */
    isPaused: async (account: string) => (await redis.hexists(keys.account(account), "paused")) === 1,
  };
}

export type Blocks = ReturnType<typeof createBlocks>;
