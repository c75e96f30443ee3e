import { z } from "zod";
import type { Batch } from "../campaign/batch.ts";
import { type Campaign, CampaignState } from "../campaign/campaign.ts";
import { batchIn } from "./batches.ts";
import { type AccountBlock, blockIn } from "./blocks.ts";
import { campaignIn } from "./campaigns.ts";
import { hashOf } from "./fields.ts";
import { type BatchAddress, idOf, type Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

const Hash = z.array(z.string()).transform(hashOf);
const LookReply = z.tuple([
  z.string(),
  Hash,
  Hash,
  Hash,
  z.enum(["mine", "held", "free"]),
  z.number(),
  z.union([CampaignState, z.literal("")]),
]);

/** What the next step of a batch depends on, read in one moment. */
export type Look = {
  /** What `batches.marks` must still answer when the job sleeps. */
  readonly marks: string;
  readonly batch: Batch | undefined;
  /** Only of a batch that may be called, and so is `block`. */
  readonly campaign: Campaign | undefined;
  /** What stops the account's calls. */
  readonly block: AccountBlock | undefined;
  /** Who has the account's turn: this batch, another one ("held"), or nobody. */
  readonly turn: "mine" | "held" | "free";
  /** How many batches of the campaign are not closed. */
  readonly open: number;
  readonly campaignState: CampaignState | undefined;
};

/** Looks at a batch with all that its next step depends on, in one round trip. */
export function createLook(redis: RedisClient, keys: Keys) {
  const script = createScript(redis, "look", LookReply);

  return async (address: BatchAddress, now: number): Promise<Look> => {
    const { account, campaign: id, number } = address;
    const [marks, batch, campaign, stops, turn, open, state] = await script(
      [
        keys.account(account),
        keys.campaign(account, id),
        keys.batch(account, id, number),
        keys.turn(account),
        keys.openBatches(account, id),
      ],
      [now, idOf(address)],
    );
    return {
      marks,
      batch: batchIn(batch),
      campaign: campaignIn(campaign),
      block: blockIn(stops),
      turn,
      open,
      campaignState: state === "" ? undefined : state,
    };
  };
}

export type LookAt = ReturnType<typeof createLook>;
