import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Signature } from "../campaign/audit.ts";
import { monthOf } from "../campaign/calendar.ts";
import { digestOf } from "../campaign/digest.ts";
import { Booking, type ExternalSend } from "../campaign/external-send.ts";
import { shardsFor } from "../campaign/shard.ts";
import { Failure } from "../failure.ts";
import { entryOf } from "./audits.ts";
import { type BookedPeople, createBookedPeople } from "./booked-people.ts";
import type { Caps } from "./caps.ts";
import { pack, unpack } from "./fields.ts";
import type { Keys } from "./keys.ts";
import type { Lists } from "./lists.ts";
import { createScript, type RedisClient } from "./script.ts";
import { OWNABLE_MS, SKEW_MS, type Unclaimed, type UnclaimedResults } from "./unclaimed.ts";

const TEXTS = new Set(["id", "account", "month", "msgId", "note", "digest"]);

/** Longer than any month's counters are kept, so that no send is booked into the same month twice. */
const KEEP_LEAST_MS = 100 * 24 * 3_600_000;

type Parts = {
  readonly caps: Pick<Caps, "open" | "book" | "bookAll">;
  readonly unclaimed: UnclaimedResults;
  readonly lists: Pick<Lists, "find" | "read">;
  /** How long ids are remembered (CONTRACT section 4); bookings at least 100 days. */
  readonly keepMs: number;
};

type Sorted = Awaited<ReturnType<BookedPeople["sort"]>>;

/** A result that no batch owns, and what an operator can do about it. */
export type Offer = Pick<Unclaimed, "msgId" | "receivedAt" | "result"> & {
  readonly booking: Booking | undefined;
  /** Not booked yet, and surely not of a batch of ours. */
  readonly bookable: boolean;
};

/**
 * Sends made outside qunfa, counted towards the monthly cap when a person says so. A booking is a record
 * with a mark for each part of it that is counted: one that a crash cut short is finished by its repeat.
 */
export function createBookings(redis: RedisClient, keys: Keys, { caps, unclaimed, lists, keepMs }: Parts) {
  const words = z.enum(["new", "known", "reused", "owned", "doubt"]);
  const claimScript = createScript(redis, "claim-booking", z.tuple([words, z.string()]));
  const readPeople = createBookedPeople(lists);
  const finishScript = createScript(redis, "finish-booking", z.enum(["finished", "gone"]));

  async function find(account: string, id: string): Promise<Booking | undefined> {
    const hash = await redis.hgetall(keys.booking(account, id));
    return Object.keys(hash).length === 0 ? undefined : Booking.parse(unpack(hash, TEXTS));
  }

  /** The booking of this msg_id or key: the one given, unless there is one already. */
  async function claim(
    booking: Booking,
    key: string | undefined,
    by: Signature | undefined,
  ): Promise<{ id: string; isNew: boolean }> {
    const { id, account, msgId = "", note, digest, bookedAt, audience } = booking;
    const details = { booking: id, audience: audience.type, ...(msgId && { msgId }) };
    const entry = by && entryOf({ at: bookedAt, act: "book", account, ...by, details });
    const asked = key === undefined ? "" : digestOf({ digest, msgId, note });
    const [word, found] = await claimScript(
      [
        keys.booking(account, id),
        keys.bookingOfMessage(account, msgId),
        keys.bookingOfKey(account, key ?? ""),
        keys.messageOwner(account, msgId),
        keys.unclaimed(account),
        keys.doubt(account),
        keys.review(account),
        keys.audit(account),
      ],
      [
        ...[id, JSON.stringify(pack(booking)), msgId, asked, bookedAt, SKEW_MS],
        ...[Math.max(keepMs, KEEP_LEAST_MS), OWNABLE_MS, entry ?? ""],
      ],
    );
    if (word === "reused")
      throw new Failure("ID_REUSED", "This Idempotency-Key has booked another audience, msg_id or note.");
    if (word === "owned")
      throw new Failure("MSG_ID_OWNED", `The msg_id belongs to batch ${found}, whose people are counted.`);
    if (word === "doubt")
      throw new Failure(
        "MSG_ID_IN_DOUBT",
        `Batch ${found} could own the msg_id: book it once that is settled.`,
      );
    return { id: found, isNew: word === "new" };
  }

  /** Counts what is not counted yet. */
  async function count(
    { id, account, month, audience }: Booking,
    { people, sorted, shards }: { people: BookedPeople; sorted: Sorted; shards: number },
    sentAt: number,
  ): Promise<void> {
    const marks = keys.booking(account, id);
    if (audience.type === "all") await caps.bookAll({ account, month }, { marks, mark: "all", sentAt });
    else {
      // Of another month when a crash has cut it short in that.
      const own = await openMonth(account, month, people);
      const { groups } = own === shards ? sorted : await people.sort(own);
      for (const [shard, openids] of groups())
        await caps.book({ account, month, shard, marks, mark: `shard:${shard}` }, openids);
    }
    await finishScript([marks], []);
  }

  /** How many shards the counters of a month have. */
  async function openMonth(account: string, month: string, { received }: BookedPeople): Promise<number> {
    return caps.open({ account, month }, { shards: shardsFor(undefined, received ?? 0) });
  }

  return {
    find,

    /**
     * Counts one message more for everybody, or for each of a list, in the month in which the result of its
     * msg_id came, else in this one. The same msg_id or key counts once: `isNew` tells whether this was it.
     *
     * @throws Failure ID_REUSED when the key stands for another request, or an unfinished booking of the
     *   msg_id for another audience; MSG_ID_OWNED, MSG_ID_IN_DOUBT; what reading the audience throws.
     */
    async book(
      account: string,
      { audience, msgId, note }: ExternalSend,
      { key, now, by }: { key?: string | undefined; now: number; by?: Signature },
    ): Promise<{ booking: Booking; isNew: boolean }> {
      const people = await readPeople(account, audience);
      const { type, received, invalid, digest } = people;
      const arrivedAt = msgId === undefined ? undefined : await unclaimed.arrivedAt(account, msgId);
      const month = monthOf(arrivedAt ?? now);
      const shards = type === "all" ? 0 : await openMonth(account, month, people);
      const sorted = await people.sort(shards);
      const isCounted = received !== null && invalid !== null;
      const duplicate = isCounted ? received - invalid - sorted.distinct : null;
      const booked = isCounted ? sorted.distinct : null;
      const counts = { type, received, invalid, duplicate, booked };
      const id = randomUUID();
      const asked: Booking = { id, account, month, audience: counts, digest, bookedAt: now, done: false };
      if (msgId !== undefined) asked.msgId = msgId;
      if (note !== undefined) asked.note = note;

      const claimed = await claim(asked, key, by);
      const booking = claimed.isNew ? asked : await find(account, claimed.id);
      if (!booking) throw new Error(`booking ${claimed.id} is gone`);
      if (booking.done) return { booking, isNew: false };
      if (booking.digest !== digest)
        throw new Failure(
          "ID_REUSED",
          "The booking of this msg_id is not finished: repeat it with the audience that it was begun with.",
        );
      await count(booking, { people, sorted, shards }, arrivedAt ?? booking.bookedAt);
      return { booking: { ...booking, done: true }, isNew: claimed.isNew };
    },

    /**
     * Results that no batch owns, newest first, and how many there are, booked ones too.
     *
     * @throws Failure INVALID_PARAMETER for a cursor that it did not give out
     */
    async offers(
      account: string,
      query: { cursor?: string | undefined; limit: number },
      now: number,
    ): Promise<{ items: Offer[]; nextCursor: string | null; total: number }> {
      const { items, nextCursor } = await unclaimed.list(account, query, now);
      const offer = async ({ maybeOurs, ...item }: Unclaimed): Promise<Offer> => {
        const id = await redis.get(keys.bookingOfMessage(account, item.msgId));
        const booking = id === null ? undefined : await find(account, id);
        return { ...item, booking, bookable: !(booking?.done || maybeOurs) };
      };
      return {
        items: await Promise.all(items.map(offer)),
        nextCursor,
        total: await unclaimed.count(account, now),
      };
    },
  };
}

export type Bookings = ReturnType<typeof createBookings>;
