import type { Context } from "hono";
import { z } from "zod";
import { type Signature, viewAudit, Why } from "../campaign/audit.ts";
import { type Batch, Verdict } from "../campaign/batch.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { MsgId } from "../campaign/external-send.ts";
import { type Again, type ReviewSheet, viewReview } from "../campaign/review-view.ts";
import { Failure } from "../failure.ts";
import type { Audits } from "../store/audits.ts";
import { type Accounts, accountIn } from "./account.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, PageQuery, readQuery } from "./query.ts";
import { signedBy } from "./signature.ts";

type Wish = {
  readonly verdict: Verdict;
  readonly by: Signature;
  readonly msgId?: string | undefined;
  readonly sendAgain?: boolean | undefined;
};

/** Batches that only a person can settle, who did what, and sending again; `compose.ts` hands it over. */
export type ReviewDoor = {
  open(account: string): Promise<readonly { campaign: Campaign; batch: Batch }[]>;
  /** Throws NOT_FOUND. */
  look(id: string, number: number): Promise<ReviewSheet>;
  /** Throws NOT_FOUND, ILLEGAL_MOVE, MSG_ID_OWNED, INVALID_PARAMETER, NOTHING_LEFT. */
  settle(id: string, number: number, wish: Wish): Promise<ReviewSheet & { again?: Again }>;
  /** Throws NOT_FOUND, ILLEGAL_MOVE, NOTHING_LEFT. */
  sendAgain(id: string, wish: { partly?: boolean | undefined }, by: Signature): Promise<Again>;
  readonly audit: Pick<Audits, "list">;
};

export const ReviewBody = z
  .strictObject({
    verdict: Verdict,
    msgId: MsgId.optional(),
    sendAgain: z.boolean().optional(),
    reason: Why.optional(),
  })
  .refine(({ verdict, msgId }) => verdict === "sent" || msgId === undefined, {
    path: ["msgId"],
    error: "what was not sent has no msg_id",
  })
  .refine(({ verdict, sendAgain }) => verdict === "not-sent" || !sendAgain, {
    path: ["sendAgain"],
    error: "what was sent is not sent again",
  });

export const AgainBody = z.strictObject({
  /** Those batches too of which WeChat says, or may mean, that some people got it. */
  partly: z.boolean().optional(),
  reason: Why.optional(),
});

const AuditQuery = PageQuery.extend({ campaign: CampaignId.optional() });

export function createReviewHandlers(door: ReviewDoor, accounts: Accounts) {
  return {
    /** Batches of an account that wait for a person. */
    async list(c: Context) {
      readQuery(c, NoQuery);
      const open = await door.open(accountIn(c, accounts).id);
      return c.json({ items: open.map((one) => viewReview({ ...one, candidates: [] })), nextCursor: null });
    },

    async show(c: Context) {
      readQuery(c, NoQuery);
      return c.json(viewReview(await door.look(...batchIn(c))));
    },

    async settle(c: Context) {
      readQuery(c, NoQuery);
      const [id, number] = batchIn(c);
      const { reason, ...wish } = await readBodyAs(c, ReviewBody);
      const { again = null, ...sheet } = await door.settle(id, number, { ...wish, by: signedBy(c, reason) });
      return c.json({ ...viewReview(sheet), again });
    },

    async sendAgain(c: Context) {
      readQuery(c, NoQuery);
      const { partly, reason } = await readBodyAs(c, AgainBody);
      const again = await door.sendAgain(idIn(c), { partly }, signedBy(c, reason));
      c.header("Location", `/v1/campaigns/${again.id}`);
      return c.json(again, 202);
    },

    /** Newest first. */
    async audit(c: Context) {
      const query = readQuery(c, AuditQuery);
      const { items, nextCursor } = await door.audit.list(accountIn(c, accounts).id, query);
      return c.json({ items: items.map(viewAudit), nextCursor });
    },
  };
}

function idIn(c: Context): string {
  const id = CampaignId.safeParse(c.req.param("id"));
  if (!id.success) throw new Failure("NOT_FOUND", "There is no such campaign.");
  return id.data;
}

function batchIn(c: Context): [id: string, number: number] {
  const number = c.req.param("number") ?? "";
  if (!/^[1-9]\d{0,8}$/.test(number)) throw new Failure("NOT_FOUND", "There is no such batch.");
  return [idIn(c), Number(number)];
}
