import { z } from "zod";
import { Counts } from "../campaign/batch.ts";
import {
  BookedAudience,
  BookingView,
  ExternalSend,
  parseExternalSend,
  viewBooking,
} from "../campaign/external-send.ts";
import { TroubleView, viewTrouble } from "../campaign/trouble-view.ts";
import type { Clock } from "../clock.ts";
import type { Bookings, Offer } from "../store/bookings.ts";
import { type Accounts, accountIn } from "./account.ts";
import { IdempotencyHeader, idempotencyKeyIn } from "./idempotency-key.ts";
import { IsoTime, isoTime } from "./iso-time.ts";
import { readJson } from "./json-body.ts";
import { NoQuery, PageQuery, pageOf, readQuery } from "./query.ts";
import { documented } from "./route.ts";
import { signedBy } from "./signature.ts";

/** What this door does with sends made outside qunfa; `compose.ts` hands it over. */
export type ExternalSends = Pick<Bookings, "offers" | "book">;

const OfferView = z
  .object({
    msgId: z.string(),
    receivedAt: IsoTime,
    result: z.object({
      state: z.enum(["succeeded", "failed"]),
      counts: Counts.nullable(),
      error: TroubleView.nullable(),
    }),
    bookable: z.boolean().describe("Not booked yet, and surely not of a batch of ours."),
    booked: z
      .object({ id: z.string(), at: IsoTime, audience: BookedAudience, note: z.string().nullable() })
      .nullable(),
  })
  .meta({ id: "ExternalResult", description: "A result that WeChat sent and that no batch owns." });
type OfferView = z.infer<typeof OfferView>;

export function createExternalSendHandlers(sends: ExternalSends, accounts: Accounts, clock: Clock) {
  return {
    list: documented(
      {
        id: "listExternalSends",
        summary: "Lists results of the last 7 days that no batch owns, the newest first.",
        tag: "Accounts",
        query: PageQuery,
        answers: { 200: pageOf(OfferView, { total: z.int().nonnegative() }) },
      },
      async (c) => {
        const query = readQuery(c, PageQuery);
        const { items, nextCursor, total } = await sends.offers(
          accountIn(c, accounts).id,
          query,
          clock.now(),
        );
        return c.json({ items: items.map(viewOffer), nextCursor, total });
      },
    ),

    book: documented(
      {
        id: "bookExternalSend",
        summary: "Counts a send that was made outside qunfa towards the monthly cap.",
        more: "201 the first time, 200 with the same answer for a `msgId` or key that is booked.",
        tag: "Accounts",
        headers: IdempotencyHeader,
        body: ExternalSend,
        answers: { 201: BookingView, 200: BookingView },
        fails: ["MSG_ID_OWNED", "MSG_ID_IN_DOUBT"],
      },
      async (c) => {
        readQuery(c, NoQuery);
        const { id } = accountIn(c, accounts);
        const key = idempotencyKeyIn(c);
        const send = parseExternalSend(await readJson(c.req.raw));
        const by = signedBy(c, send.note);
        const { booking, isNew } = await sends.book(id, send, { key, now: clock.now(), by });
        return c.json(viewBooking(booking), isNew ? 201 : 200);
      },
    ),
  };
}

function viewOffer({ msgId, receivedAt, result, bookable, booking }: Offer): OfferView {
  const { state, counts = null, trouble } = result;
  // What a crash left half counted is shown as open: its repeat finishes it.
  const booked = booking?.done ? booking : null;
  return {
    msgId,
    receivedAt: isoTime(receivedAt),
    result: { state, counts, error: viewTrouble(trouble) },
    bookable,
    booked: booked && {
      id: booked.id,
      at: isoTime(booked.bookedAt),
      audience: booked.audience,
      note: booked.note ?? null,
    },
  };
}
