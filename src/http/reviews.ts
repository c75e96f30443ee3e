import type { Context } from "hono";
import { z } from "zod";
import { AuditView, type Signature, viewAudit, Why } from "../campaign/audit.ts";
import { BatchId, Verdict } from "../campaign/batch.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { MsgId } from "../campaign/external-send.ts";
import { Again, type ReviewSheet, ReviewView, viewReview } from "../campaign/review-view.ts";
import { Failure } from "../failure.ts";
import type { Audits } from "../store/audits.ts";
import { wrongCursor } from "../store/page.ts";
import { type Accounts, accountIn } from "./account.ts";
import { readBodyAs } from "./parsed-body.ts";
import { NoQuery, PageQuery, pageOf, readQuery } from "./query.ts";
import { documented } from "./route.ts";
import { signedBy } from "./signature.ts";

type Wish = {
  readonly verdict: Verdict;
  readonly by: Signature;
  readonly msgId?: string | undefined;
  readonly sendAgain?: boolean | undefined;
};

/** Batches that only a person can settle, who did what, and sending again; `compose.ts` hands it over. */
export type ReviewDoor = {
  open(
    account: string,
    page: { after?: string | undefined; limit: number },
  ): Promise<{ items: readonly ReviewSheet[]; next: string | undefined }>;
  /** Throws NOT_FOUND. */
  look(id: string, number: number): Promise<ReviewSheet>;
  /** Throws NOT_FOUND, ILLEGAL_MOVE, MSG_ID_OWNED, INVALID_PARAMETER, and what sending again does. */
  settle(id: string, number: number, wish: Wish): Promise<ReviewSheet & { again?: Again }>;
  /** Throws NOT_FOUND, ILLEGAL_MOVE, NOTHING_LEFT, BAD_CAMPAIGN, ID_RETIRING, AUDIENCE_LOST, TOO_SLOW. */
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

/** Sending again stores a list and takes a campaign in. */
const TAKING_IN = ["BAD_CAMPAIGN", "ID_RETIRING", "AUDIENCE_LOST", "TOO_SLOW"] as const;

const AuditQuery = PageQuery.extend({ campaign: CampaignId.optional() });

const named = { number: z.int().positive() };

export function createReviewHandlers(door: ReviewDoor, accounts: Accounts) {
  return {
    list: documented(
      {
        id: "listReviews",
        summary: "Lists the batches of an account that wait for a person.",
        tag: "Accounts",
        query: PageQuery,
        answers: { 200: pageOf(ReviewView) },
      },
      async (c) => {
        const { cursor, limit } = readQuery(c, PageQuery);
        const after = cursor === undefined ? undefined : batchOf(cursor);
        const { items, next } = await door.open(accountIn(c, accounts).id, { after, limit });
        return c.json({
          items: items.map(viewReview),
          nextCursor: next === undefined ? null : Buffer.from(next).toString("base64url"),
        });
      },
    ),

    show: documented(
      {
        id: "getBatch",
        summary: "Shows a batch with all that a person needs to settle it.",
        tag: "Campaigns",
        params: named,
        answers: { 200: ReviewView },
      },
      async (c) => {
        readQuery(c, NoQuery);
        return c.json(viewReview(await door.look(...batchIn(c))));
      },
    ),

    settle: documented(
      {
        id: "settleReview",
        summary: "Settles a batch of which only a person can tell whether it went out.",
        more: "For good: nothing that comes later overrides it. The same verdict again changes nothing.",
        tag: "Campaigns",
        params: named,
        body: ReviewBody,
        answers: { 200: ReviewView.extend({ again: Again.nullable() }) },
        fails: ["ILLEGAL_MOVE", "MSG_ID_OWNED", "NOTHING_LEFT", ...TAKING_IN],
      },
      async (c) => {
        readQuery(c, NoQuery);
        const [id, number] = batchIn(c);
        const { reason, ...wish } = await readBodyAs(c, ReviewBody);
        const { again = null, ...sheet } = await door.settle(id, number, {
          ...wish,
          by: signedBy(c, reason),
        });
        return c.json({ ...viewReview(sheet), again });
      },
    ),

    sendAgain: documented(
      {
        id: "sendAgain",
        summary: "Sends an ended campaign's message to everybody who was in a failed or canceled batch.",
        more: "As a campaign of its own, whose people are admitted afresh. A batch is sent again once.",
        tag: "Campaigns",
        body: AgainBody,
        answers: { 202: Again },
        location: "The new campaign.",
        fails: ["ILLEGAL_MOVE", "NOTHING_LEFT", ...TAKING_IN],
      },
      async (c) => {
        readQuery(c, NoQuery);
        const { partly, reason } = await readBodyAs(c, AgainBody);
        const again = await door.sendAgain(idIn(c), { partly }, signedBy(c, reason));
        c.header("Location", `/v1/campaigns/${again.id}`);
        return c.json(again, 202);
      },
    ),

    audit: documented(
      {
        id: "listAudit",
        summary: "Tells who did what to an account and its campaigns, the newest first.",
        tag: "Accounts",
        query: AuditQuery,
        answers: { 200: pageOf(AuditView) },
      },
      async (c) => {
        const query = readQuery(c, AuditQuery);
        const { items, nextCursor } = await door.audit.list(accountIn(c, accounts).id, query);
        return c.json({ items: items.map(viewAudit), nextCursor });
      },
    ),
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

/** The batch that a page ended with. Throws INVALID_PARAMETER for a cursor that was not given out. */
function batchOf(cursor: string): BatchId {
  const id = BatchId.safeParse(Buffer.from(cursor, "base64url").toString());
  if (!id.success) throw wrongCursor();
  return id.data;
}
