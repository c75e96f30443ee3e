import type { Context } from "hono";
import { z } from "zod";
import { AccountId } from "../campaign/account.ts";
import { type Campaign, CampaignState } from "../campaign/campaign.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { openIdIn } from "../campaign/openid.ts";
import { Failure } from "../failure.ts";
import { viewBatch, viewCampaign } from "./campaign-view.ts";
import type { Ledger } from "./ledger.ts";
import { NoQuery, PageQuery, readQuery } from "./query.ts";

const CampaignQuery = PageQuery.extend({
  account: AccountId.optional(),
  state: CampaignState.optional(),
});

const BatchQuery = PageQuery.extend({
  /** The number of the last batch that the caller has. */
  cursor: z
    .string()
    .regex(/^\d{1,9}$/, "a nextCursor")
    .default("0")
    .transform(Number),
});

export function createCampaignHandlers(ledger: Ledger) {
  async function campaignIn(c: Context): Promise<Campaign> {
    const id = CampaignId.safeParse(c.req.param("id"));
    const campaign = id.success ? await ledger.findCampaign(id.data) : undefined;
    if (!campaign) throw new Failure("NOT_FOUND", "There is no such campaign.");
    return campaign;
  }

  async function view(campaign: Campaign) {
    return viewCampaign(campaign, campaign.report ? [] : await ledger.batchesOf(campaign));
  }

  return {
    async list(c: Context) {
      const { account, state, cursor, limit } = readQuery(c, CampaignQuery);
      const { items, nextCursor } = await ledger.listCampaigns({
        limit,
        ...(account !== undefined && { account }),
        ...(state !== undefined && { state }),
        ...(cursor !== undefined && { cursor }),
      });
      return c.json({ items: await Promise.all(items.map(view)), nextCursor });
    },

    async show(c: Context) {
      readQuery(c, NoQuery);
      return c.json(await view(await campaignIn(c)));
    },

    async batches(c: Context) {
      const { cursor, limit } = readQuery(c, BatchQuery);
      const campaign = await campaignIn(c);
      const batches = await ledger.batchesOf(campaign);
      const rest = batches
        .filter(({ number }) => number > cursor)
        .sort((one, other) => one.number - other.number);
      const items = rest.slice(0, limit);
      const nextCursor = rest.length > limit ? String(items.at(-1)?.number) : null;
      return c.json({ items: items.map((batch) => viewBatch(batch, campaign)), nextCursor });
    },

    async recipient(c: Context) {
      readQuery(c, NoQuery);
      const campaign = await campaignIn(c);
      const openid = c.req.param("openid") ?? "";
      const { outcome, batch = null } = await ledger.findRecipient(campaign, openid);
      // A malformed entry of the list can be asked for, as `invalid`; what was never in one can't be a person.
      if (outcome === "absent" && !openIdIn(openid))
        throw new Failure("NOT_FOUND", "That can't be an OpenID, and it was not in the list.");
      const batches = batch === null ? [] : await ledger.batchesOf(campaign);
      const state = batches.find(({ number }) => number === batch)?.state ?? null;
      return c.json({ openid, outcome, batch, state });
    },
  };
}
