import { monthOf } from "../../src/campaign/calendar.ts";
import type { ExternalSend } from "../../src/campaign/external-send.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { createBookings } from "../../src/store/bookings.ts";
import type { Caps } from "../../src/store/caps.ts";
import { createUnclaimed } from "../../src/store/unclaimed.ts";
import { account, hour, type Rig, succeeded } from "./rig.ts";

export const all: ExternalSend["audience"] = { type: "all" };

export const listOf = (openids: unknown[]): ExternalSend["audience"] => ({
  type: "openids",
  openids,
});

export function person(number: number): OpenId {
  return `oBook_${String(number).padStart(22, "0")}` as OpenId;
}

export function persons(count: number, from = 0): OpenId[] {
  return Array.from({ length: count }, (_, index) => person(from + index));
}

/** Bookings on the ledger of a rig, and what they count. */
export function createBookingRig(rig: Rig) {
  const { caps } = rig;
  const unclaimed = createUnclaimed(rig.redis, rig.keys);
  const over = (kept: Pick<Caps, "open" | "book" | "bookAll">) =>
    createBookings(rig.redis, rig.keys, { caps: kept, unclaimed, lists: rig.lists, keepMs: hour });
  const bookings = over(caps);
  const month = () => monthOf(rig.clock.now());

  return {
    caps,
    bookings,
    month,
    book: (send: ExternalSend, key?: string) => bookings.book(account, send, { key, now: rig.clock.now() }),

    /** A booking whose process dies before its `after + 1`st change of a counter: nothing, if it came to that. */
    async crash(send: ExternalSend, after: number, key?: string) {
      let left = after;
      const alive = () => {
        if (left-- <= 0) throw new Error("crashed");
      };
      const dying = over({
        open: caps.open,
        book: async (...given) => {
          alive();
          return caps.book(...given);
        },
        bookAll: async (...given) => {
          alive();
          return caps.bookAll(...given);
        },
      });
      return dying.book(account, send, { key, now: rig.clock.now() }).catch((error: Error) => {
        if (error.message !== "crashed") throw error;
        return undefined;
      });
    },

    used: (openid: OpenId, of = month()) => caps.used({ account, month: of }, openid),
    histogram: (of = month()) => caps.histogram({ account, month: of }),
    comes: (msgId: string) => rig.batches.deliver(account, msgId, succeeded, rig.clock.now()),
  };
}

export type BookingRig = ReturnType<typeof createBookingRig>;
