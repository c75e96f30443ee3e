import type { Account } from "../src/campaign/account.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { isSendable, type Prepared } from "../src/campaign/prepared.ts";
import { mediaIdIn, messageFor } from "../src/campaign/send-message.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Contents } from "../src/store/contents.ts";
import type { Content } from "./content.ts";
import type { Made, Pause } from "./content-call.ts";

type Parts = {
  readonly accountOf: (account: string) => Account;
  readonly campaigns: Pick<Campaigns, "findAt" | "notePrepared">;
  readonly contents: Pick<Contents, "readAsked">;
  readonly content: Content;
  readonly clock: Clock;
};

/** How often what qunfa has uploaded itself is made anew for a campaign that WeChat does not know it for. */
const ANEW_MOST = 2;

/** What of a campaign's media changes while its batches are sent. */
export function createCampaignMedia({ accountOf, campaigns, contents, content, clock }: Parts) {
  return { freshen, replace };

  /**
   * What has run out by itself, or is known to be gone, is made anew before a call; a `Pause` when that can't be done
   * now.
   *
   * @throws Failure CONTENT_REFUSED
   */
  async function freshen(campaign: Campaign, job: JobView): Promise<Campaign | Pause> {
    const { prepared } = campaign;
    const isGone = isSpent(campaign);
    if (!prepared || (!isGone && isSendable(prepared, { now: clock.now(), usedUp: false }))) return campaign;
    const made = isGone
      ? await remake(campaign, prepared, job)
      : await content.renew(ownerOf(campaign), prepared);
    if (made.kind !== "done") return made;
    await campaigns.notePrepared(campaign, { prepared: made.value });
    return { ...campaign, prepared: made.value };
  }

  /**
   * A send was refused because WeChat does not know its media (40007): used up by the first success, run out, or
   * deleted by a person. Answers whether there is another way to send the same content: the msg_data_id of the first
   * success, or what qunfa has uploaded itself uploaded anew (MECHANICS section 1); "later" when that can't be done
   * right now.
   */
  async function replace(
    address: Pick<Campaign, "account" | "id">,
    mediaId: string,
    job: JobView,
  ): Promise<"now" | "later" | "never"> {
    const campaign = await campaigns.findAt(address);
    const now = campaign && messageFor(campaign);
    if (!campaign || !now) return "never";
    // Another batch has met it first, or this one repeated what it had begun with.
    if (mediaIdIn(now) !== mediaId) return note(campaign, { spent: mediaId });
    const { prepared, dataId, spent = [] } = campaign;
    if (dataId !== undefined && mediaId !== dataId) return note(campaign, { spent: mediaId });
    if (!prepared || spent.length > ANEW_MOST) return "never";

    const made = await remake(campaign, prepared, job).catch((failure: unknown) => {
      if (failure instanceof Failure && failure.code === "CONTENT_REFUSED") return undefined;
      throw failure;
    });
    if (!made) return "never";
    if (made.kind === "done") return note(campaign, { prepared: made.value, spent: mediaId });
    // Remembered, so that no other call is made with it before there is another one.
    return (await note(campaign, { spent: mediaId })) === "now" ? "later" : "never";
  }

  /** Whether WeChat does not know the media any more that the next call would carry. */
  function isSpent(campaign: Campaign): boolean {
    const message = messageFor(campaign);
    const mediaId = message && mediaIdIn(message);
    return mediaId !== undefined && (campaign.spent ?? []).includes(mediaId);
  }

  async function note(
    campaign: Campaign,
    what: { prepared?: Prepared; spent: string },
  ): Promise<"now" | "never"> {
    if (campaign.spent?.includes(what.spent) && !what.prepared) return "now";
    return (await campaigns.notePrepared(campaign, what)) === "noted" ? "now" : "never";
  }

  /** @throws Failure CONTENT_REFUSED */
  async function remake(campaign: Campaign, prepared: Prepared, job: JobView): Promise<Made<Prepared>> {
    if (prepared.as !== "media") return content.renew(ownerOf(campaign), prepared);
    const asked = await contents.readAsked(campaign);
    if (!asked) throw new Failure("CONTENT_REFUSED", "What the media were made of is gone.");
    return content.prepare(ownerOf(campaign), asked, job.note, { anew: true });
  }

  function ownerOf({ account, id }: Campaign) {
    return { account: accountOf(account), campaign: id };
  }
}

export type CampaignMedia = ReturnType<typeof createCampaignMedia>;
