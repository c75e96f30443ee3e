import { z } from "zod";
import { Failure } from "../failure.ts";
import { inlineOpenIds, ListAudience } from "./body.ts";
import { checkBody } from "./check-body.ts";

/** Told apart from a mistyped audience, and refused for now. */
const TagAudience = z
  .looseObject({ type: z.literal("tag") })
  .meta({ refused: true })
  .transform((_, context) => {
    context.addIssue({ code: "custom", message: "not yet: read its members into a list (POST …/audiences)" });
    return z.NEVER;
  });

/** Whom a send made outside qunfa went to. */
const Audience = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("all") }),
  z.strictObject({
    type: z.literal("openids"),
    openids: inlineOpenIds("OpenIDs, upload a longer list"),
  }),
  ListAudience,
  TagAudience,
]);

const expected = "expected digits, in quotes if they pass 2^53";

/** WeChat's msg_id, as text: some pass 2^53, which a JSON number can't carry. A smaller one may come as a number. */
export const MsgId = z.union(
  [z.string().regex(/^(0|[1-9]\d{0,19})$/, expected), z.int().nonnegative().transform(String)],
  {
    error: expected,
  },
);

/**
 * A send made outside qunfa, from WeChat's console or by another tool, to be counted towards the cap: the body of
 * `POST /v1/accounts/{account}/external-sends` (CONTRACT section 5).
 */
export const ExternalSend = z.strictObject({
  audience: Audience,
  msgId: MsgId.optional(),
  /** For those who look it up later. */
  note: z.string().max(500, "expected 500 characters at most").optional(),
});
export type ExternalSend = z.infer<typeof ExternalSend>;

/**
 * @throws Failure INVALID_PARAMETER that names each wrong field (details: `errors`) and repeats no value of
 *   the data, so that no OpenID gets into an error
 */
export function parseExternalSend(data: unknown): ExternalSend {
  const checked = checkBody(ExternalSend, data);
  if (checked.success) return checked.data;
  throw new Failure("INVALID_PARAMETER", "The body has fields that do not fit.", {
    details: { errors: checked.issues },
  });
}

const count = z.number().int().nonnegative().nullable();

/** What became of a booked audience; all null for "all", whom nobody has counted. */
export const BookedAudience = z.object({
  type: z.enum(["all", "openids", "list"]),
  received: count,
  invalid: count,
  duplicate: count,
  booked: count,
});
export type BookedAudience = z.infer<typeof BookedAudience>;

/** A send made outside qunfa as the ledger counts it. Times are milliseconds since the epoch. */
export const Booking = z.object({
  id: z.string(),
  account: z.string(),
  /** The Shanghai month that it counts in. */
  month: z.string(),
  msgId: z.string().optional(),
  note: z.string().optional(),
  audience: BookedAudience,
  /** Of the audience as it came. */
  digest: z.string(),
  bookedAt: z.number(),
  /** Whether all of it is counted. */
  done: z.boolean(),
});
export type Booking = z.infer<typeof Booking>;

/** A booking as those see it who made it, over HTTP or by `qunfa cap book -o json`. */
export const BookingView = z
  .object({
    id: z.string(),
    account: z.string(),
    month: z.string().describe("The Shanghai month that it counts in."),
    msgId: z.string().nullable(),
    audience: BookedAudience,
    note: z.string().nullable(),
    bookedAt: z.iso.datetime(),
  })
  .meta({ id: "Booking" });
export type BookingView = z.infer<typeof BookingView>;

export function viewBooking(booking: Booking): BookingView {
  const { id, account, month, msgId = null, audience, note = null, bookedAt } = booking;
  return { id, account, month, msgId, audience, note, bookedAt: new Date(bookedAt).toISOString() };
}
