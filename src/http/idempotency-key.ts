import type { Context } from "hono";
import { CampaignId } from "../campaign/campaign-id.ts";
import { Failure } from "../failure.ts";

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
