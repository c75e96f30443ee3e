import type { Context } from "hono";
import { z } from "zod";
import { CampaignId } from "../campaign/campaign-id.ts";
import { Failure } from "../failure.ts";

/** The header, as the documentation of a call names it. */
export const IdempotencyHeader = z.object({
  "Idempotency-Key": CampaignId.optional().describe(
    "Makes the request one that may be repeated: the same key and body are answered the same, another body 409.",
  ),
});

/** The key that makes a request one that may be repeated. Throws BAD_REQUEST for what can be none. */
export function idempotencyKeyIn(c: Context): CampaignId | undefined {
  const given = c.req.header("idempotency-key");
  if (given === undefined) return undefined;
  const key = CampaignId.safeParse(given);
  if (key.success) return key.data;
  throw new Failure(
    "BAD_REQUEST",
    "Idempotency-Key: expected 1 to 128 characters of A-Z a-z 0-9 . _ -, neither . nor ..",
  );
}
