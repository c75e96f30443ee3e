import type { Context } from "hono";
import { parseExternalSend, viewBooking } from "../campaign/external-send.ts";
import { viewTrouble } from "../campaign/trouble-view.ts";
import type { Clock } from "../clock.ts";
import type { Bookings, Offer } from "../store/bookings.ts";
import { type Accounts, accountIn } from "./account.ts";
import { idempotencyKeyIn } from "./idempotency-key.ts";
import { isoTime } from "./iso-time.ts";
import { readJson } from "./json-body.ts";
import { NoQuery, PageQuery, readQuery } from "./query.ts";
import { signedBy } from "./signature.ts";

/** What this door does with sends made outside qunfa; `compose.ts` hands it over. */
export type ExternalSends = Pick<Bookings, "offers" | "book">;

export function createExternalSendHandlers(sends: ExternalSends, accounts: Accounts, clock: Clock) {
  return {
    /** Results of the last 7 days that no batch owns, newest first. */
    async list(c: Context) {
      const query = readQuery(c, PageQuery);
      const { items, nextCursor, total } = await sends.offers(accountIn(c, accounts).id, query, clock.now());
      return c.json({ items: items.map(viewOffer), nextCursor, total });
    },

    /** 201 the first time, 200 with the same answer for a msg_id or key that is booked. */
    async book(c: Context) {
      readQuery(c, NoQuery);
      const { id } = accountIn(c, accounts);
      const key = idempotencyKeyIn(c);
      const send = parseExternalSend(await readJson(c.req.raw));
      const by = signedBy(c, send.note);
      const { booking, isNew } = await sends.book(id, send, { key, now: clock.now(), by });
      return c.json(viewBooking(booking), isNew ? 201 : 200);
    },
  };
}

function viewOffer({ msgId, receivedAt, result, bookable, booking }: Offer) {
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
