import type { Context } from "hono";
import { z } from "zod";
import { AccountId } from "../campaign/account.ts";
import { BatchState } from "../campaign/batch.ts";
import { type Campaign, CampaignState } from "../campaign/campaign.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { openIdIn } from "../campaign/openid.ts";
import { Failure } from "../failure.ts";
import { BatchView, CampaignView, viewBatch, viewCampaign } from "./campaign-view.ts";
import { type Ledger, Outcome } from "./ledger.ts";
import { asNumber, NoQuery, PageQuery, pageOf, readQuery } from "./query.ts";
import { documented } from "./route.ts";

const CampaignQuery = PageQuery.extend({
  account: AccountId.optional(),
  state: CampaignState.optional(),
});

const BatchQuery = PageQuery.extend({
  cursor: z
    .string()
    .regex(/^\d{1,9}$/, "a nextCursor")
    .default("0")
    .transform(Number)
    .meta({
      description: "The number of the last batch seen.",
      override: asNumber({ minimum: 0, maximum: 999_999_999 }),
    }),
});

const RecipientView = z
  .object({
    openid: z.string().describe("As it was asked for."),
    outcome: Outcome,
    batch: z.int().positive().nullable().describe("The number of the batch that the person is in."),
    state: BatchState.nullable().describe("How that batch stands."),
  })
  .meta({ id: "Recipient" });
type RecipientView = z.infer<typeof RecipientView>;

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

  const params = { id: CampaignId };

  return {
    list: documented(
      {
        id: "listCampaigns",
        summary: "Lists campaigns, the newest first.",
        tag: "Campaigns",
        query: CampaignQuery,
        answers: { 200: pageOf(CampaignView) },
        conditional: true,
      },
      async (c) => {
        const { account, state, cursor, limit } = readQuery(c, CampaignQuery);
        const { items, nextCursor } = await ledger.listCampaigns({
          limit,
          ...(account !== undefined && { account }),
          ...(state !== undefined && { state }),
          ...(cursor !== undefined && { cursor }),
        });
        return c.json({ items: await Promise.all(items.map(view)), nextCursor });
      },
    ),

    show: documented(
      {
        id: "getCampaign",
        summary: "Shows how a campaign stands, and its report once it has ended.",
        tag: "Campaigns",
        params,
        answers: { 200: CampaignView },
        conditional: true,
      },
      async (c) => {
        readQuery(c, NoQuery);
        return c.json(await view(await campaignIn(c)));
      },
    ),

    batches: documented(
      {
        id: "listBatches",
        summary: "Lists the batches of a campaign by their number.",
        tag: "Campaigns",
        params,
        query: BatchQuery,
        answers: { 200: pageOf(BatchView) },
        conditional: true,
      },
      async (c) => {
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
    ),

    recipient: documented(
      {
        id: "getRecipient",
        summary: "Tells what became of one person in a campaign.",
        more: "A malformed entry of the list can be asked for as it stood there; its outcome is `invalid`.",
        tag: "Campaigns",
        params: { ...params, openid: z.string().min(1) },
        answers: { 200: RecipientView },
        fails: ["AUDIENCE_LOST"],
      },
      async (c) => {
        readQuery(c, NoQuery);
        const campaign = await campaignIn(c);
        const openid = c.req.param("openid") ?? "";
        const { outcome, batch = null } = await ledger.findRecipient(campaign, openid);
        // A malformed entry of the list can be asked for, as `invalid`; what was never in one can't be a person.
        if (outcome === "absent" && !openIdIn(openid))
          throw new Failure("NOT_FOUND", "That can't be an OpenID, and it was not in the list.");
        const batches = batch === null ? [] : await ledger.batchesOf(campaign);
        const state = batches.find(({ number }) => number === batch)?.state ?? null;
        return c.json({ openid, outcome, batch, state } satisfies RecipientView);
      },
    ),
  };
}
