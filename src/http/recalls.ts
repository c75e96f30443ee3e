import type { Context } from "hono";
import { z } from "zod";
import { type Signature, Why } from "../campaign/audit.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { WHOLE } from "../campaign/recall.ts";
import {
  type RecallDone,
  RecalledView,
  type RecallPlan,
  RecallView,
  viewRecall,
  viewRecalled,
} from "../campaign/recall-view.ts";
import { Failure } from "../failure.ts";
import { readBodyAs } from "./parsed-body.ts";
import { asNumber, NoQuery, readQuery } from "./query.ts";
import { ASKING_WECHAT, documented } from "./route.ts";
import { signedBy } from "./signature.ts";

/** Takes a campaign's messages back, or tells what that would do; `articleIdx` 0 is all of them. */
export type RecallDoor = {
  plan(id: string, articleIdx: number): Promise<RecallPlan>;
  recall(id: string, articleIdx: number, by: Signature): Promise<RecallDone>;
};

const expected = "expected the number of an article, from 1";
const article = z.int(expected).min(1, expected).max(8, "a message has 8 articles at most");

const RecallBody = z.strictObject({
  articleIdx: article.optional(),
  dryRun: z.boolean().optional(),
  reason: Why.optional(),
});
const RecallQuery = z.strictObject({
  articleIdx: z
    .string()
    .regex(/^\d$/, expected)
    .transform(Number)
    .pipe(article)
    .optional()
    .meta({ description: "One article; left out: all.", override: asNumber({ minimum: 1, maximum: 8 }) }),
});

export function createRecallHandlers(door: RecallDoor) {
  const params = { id: CampaignId };
  return {
    plan: documented(
      {
        id: "planRecall",
        summary: "Tells what a recall of a campaign's messages would do, without a call.",
        tag: "Campaigns",
        params,
        query: RecallQuery,
        answers: { 200: RecallView },
        fails: ["ACCOUNT_UNKNOWN"],
      },
      async (c) => {
        const { articleIdx = WHOLE } = readQuery(c, RecallQuery);
        return c.json(viewRecall(await door.plan(idIn(c), articleIdx)));
      },
    ),

    recall: documented(
      {
        id: "recallCampaign",
        summary: "Takes a campaign's messages back, or one article of them.",
        more:
          "200 whether all is done or it stopped at the day's end or other trouble: `done` tells, `stopped` says why. " +
          "A repeat goes on where it stopped. With `dryRun` it is the plan that is answered.",
        tag: "Campaigns",
        params,
        body: RecallBody,
        answers: { 200: z.union([RecalledView, RecallView]) },
        fails: ["ILLEGAL_MOVE", "ACCOUNT_UNKNOWN", "QUOTA_SPENT", ...ASKING_WECHAT],
      },
      async (c) => {
        readQuery(c, NoQuery);
        const id = idIn(c);
        const { articleIdx = WHOLE, dryRun = false, reason } = await readBodyAs(c, RecallBody);
        if (dryRun) return c.json(viewRecall(await door.plan(id, articleIdx)));
        return c.json(viewRecalled(await door.recall(id, articleIdx, signedBy(c, reason))));
      },
    ),
  };
}

function idIn(c: Context): string {
  const id = CampaignId.safeParse(c.req.param("id"));
  if (!id.success) throw new Failure("NOT_FOUND", "There is no such campaign.");
  return id.data;
}
