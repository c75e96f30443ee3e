import { randomUUID } from "node:crypto";
import { z } from "zod";
import { CampaignBody } from "../campaign/body.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignId } from "../campaign/campaign-id.ts";
import { isQueueNumber, isQueueWord } from "../campaign/campaign-id.ts";
import { Failure } from "../failure.ts";
import { IdempotencyHeader, idempotencyKeyIn } from "./idempotency-key.ts";
import { readJson } from "./json-body.ts";
import { NoQuery, readQuery } from "./query.ts";
import { documented } from "./route.ts";

/**
 * Takes a campaign in; `isNew` is false for one that this id and body have made before. Throws BAD_CAMPAIGN,
 * ID_REUSED, ID_RETIRING.
 */
export type TakeIn = (id: CampaignId, body: unknown) => Promise<{ campaign: Campaign; isNew: boolean }>;

const NewCampaignView = z
  .object({ id: z.string(), state: z.enum(["scheduled", "preparing"]) })
  .meta({ id: "NewCampaign" });
type NewCampaignView = z.infer<typeof NewCampaignView>;

/** `POST /v1/campaigns`: 202 the first time, 200 with the same answer for the same key and body. */
export function createNewCampaignHandler(takeIn: TakeIn) {
  return documented(
    {
      id: "createCampaign",
      summary: "Takes a campaign in, to be sent in the background.",
      more: "202 the first time; the same `Idempotency-Key`, which becomes the id, with the same body again: 200 and the same answer.",
      tag: "Campaigns",
      headers: IdempotencyHeader,
      body: CampaignBody,
      answers: { 202: NewCampaignView, 200: NewCampaignView },
      location: "The campaign.",
      fails: ["BAD_CAMPAIGN", "ID_RETIRING"],
    },
    async (c) => {
      readQuery(c, NoQuery);
      const key = idempotencyKeyIn(c);
      if (key !== undefined && (isQueueNumber(key) || isQueueWord(key)))
        throw new Failure(
          "BAD_REQUEST",
          "Idempotency-Key: expected neither digits alone nor one of the queue's own words, for it becomes the campaign's id",
        );
      const id = key ?? (randomUUID() as CampaignId);
      const { campaign, isNew } = await takeIn(id, await readJson(c.req.raw));
      c.header("Location", `/v1/campaigns/${campaign.id}`);
      // As it was when it was taken in, so that a repeat is told the same.
      const state = (campaign.startAt ?? 0) > campaign.createdAt ? "scheduled" : "preparing";
      return c.json({ id: campaign.id, state } satisfies NewCampaignView, isNew ? 202 : 200);
    },
  );
}
