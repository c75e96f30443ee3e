import type { Context } from "hono";
import { z } from "zod";
import { type Signature, Why } from "../campaign/audit.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { WHOLE } from "../campaign/recall.ts";
import { type RecallDone, type RecallPlan, viewRecall, viewRecalled } from "../campaign/recall-view.ts";
import { Failure } from "../failure.ts";
import { readBodyAs } from "./parsed-body.ts";
import { readQuery } from "./query.ts";
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
  articleIdx: z.string().regex(/^\d$/, expected).transform(Number).pipe(article).optional(),
});

export function createRecallHandlers(door: RecallDoor) {
  return {
    async plan(c: Context) {
      const { articleIdx = WHOLE } = readQuery(c, RecallQuery);
      return c.json(viewRecall(await door.plan(idIn(c), articleIdx)));
    },

    /**
     * 200 whether all is done or it stopped at the day's end or other trouble: `done` tells, `stopped` says why.
     * A repeat goes on where it stopped.
     */
    async recall(c: Context) {
      const id = idIn(c);
      const { articleIdx = WHOLE, dryRun = false, reason } = await readBodyAs(c, RecallBody);
      if (dryRun) return c.json(viewRecall(await door.plan(id, articleIdx)));
      return c.json(viewRecalled(await door.recall(id, articleIdx, signedBy(c, reason))));
    },
  };
}

function idIn(c: Context): string {
  const id = CampaignId.safeParse(c.req.param("id"));
  if (!id.success) throw new Failure("NOT_FOUND", "There is no such campaign.");
  return id.data;
}
