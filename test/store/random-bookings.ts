import fc from "fast-check";
import { expect } from "vitest";
import type { ExternalSend } from "../../src/campaign/external-send.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { byShard } from "../../src/campaign/shard.ts";
import { Failure } from "../../src/failure.ts";
import { all, type BookingRig, listOf, persons } from "./booking-rig.ts";
import { giveBackOf, job, membersOf, planOf, takeIn } from "./plan-rig.ts";
import { account, type Rig } from "./rig.ts";

/** Shards of the month: several people share one. */
const SHARDS = 16;
const everybody = persons(40);

const people = fc.subarray(everybody, { minLength: 1 });

/** A send to book: its audience, what makes it one, and whether the process dies after so many changes. */
const booking = fc.record({
  kind: fc.constant("book" as const),
  openids: fc.option(people, { freq: 3 }),
  by: fc.constantFrom(undefined, "msg-1", "msg-2", "key-1", "key-2"),
  crash: fc.option(fc.nat({ max: SHARDS }), { freq: 2 }),
});

const campaign = fc.record({
  kind: fc.constant("campaign" as const),
  openids: people,
  perUserPerMonth: fc.integer({ min: 1, max: 4 }),
});

export const anyDeed = fc.oneof({ weight: 3, arbitrary: booking }, { weight: 1, arbitrary: campaign });
export type Deed = typeof anyDeed extends fc.Arbitrary<infer One> ? One : never;

const audienceOf = ({ openids }: { openids: OpenId[] | null }): ExternalSend["audience"] =>
  openids ? listOf(openids) : all;

/** What was begun under one name; `parts` are counted one after the other. */
type Begun = {
  readonly audience: string;
  readonly parts: readonly (readonly OpenId[] | "all")[];
  counted: number;
};

/** The cap as a map of numbers, which lives through the same deeds. */
function createModel() {
  const counts = new Map<OpenId, number>(everybody.map((openid) => [openid, 0]));
  const begun = new Map<string, Begun>();
  let base = 0;
  const raise = (openid: OpenId) => counts.set(openid, (counts.get(openid) ?? 0) + 1);
  const used = (openid: OpenId) => base + (counts.get(openid) ?? 0);

  function partsOf(audience: ExternalSend["audience"]): Begun["parts"] {
    if (audience.type !== "openids") return ["all"];
    return [...byShard(audience.openids as OpenId[], SHARDS).values()];
  }

  return {
    used,

    /** Answers whether it is booked to its end, and for the first time; or refused. */
    book(audience: ExternalSend["audience"], by: string | undefined, crash: number | null) {
      const known = by === undefined ? undefined : begun.get(by);
      const asked = JSON.stringify(audience);
      const isDone = known !== undefined && known.counted === known.parts.length;
      if (known && known.audience !== asked && (by?.startsWith("key") || !isDone)) return "refused";
      if (isDone) return "repeat";
      const one: Begun = known ?? { audience: asked, parts: partsOf(audience), counted: 0 };
      if (by !== undefined) begun.set(by, one);
      const until = Math.min(crash ?? one.parts.length, one.parts.length);
      for (const part of one.parts.slice(one.counted, until)) {
        if (part === "all") base += 1;
        else for (const openid of part) raise(openid);
      }
      one.counted = Math.max(one.counted, until);
      if (one.counted < one.parts.length) return "crashed";
      return known ? "repeat" : "new";
    },

    admit(openids: readonly OpenId[], limit: number): OpenId[] {
      const admitted = openids.filter((openid) => used(openid) < limit);
      // One left alone can't be sent to, and gets the message back.
      if (admitted.length < 2) return [];
      for (const openid of admitted) raise(openid);
      return admitted;
    },
  };
}

/** Lives through deeds and compares, after each, what the ledger counts with the model. */
export async function createBookingLife(rig: Rig, desk: BookingRig) {
  const model = createModel();
  let campaigns = 0;
  await rig.caps.open({ account, month: desk.month() }, { shards: SHARDS });

  async function book(deed: Extract<Deed, { kind: "book" }>): Promise<void> {
    const { by, crash } = deed;
    const audience = audienceOf(deed);
    const expected = model.book(audience, by, crash);
    const send = by?.startsWith("msg") ? { audience, msgId: by.slice(4) } : { audience };
    const key = by?.startsWith("key") ? by : undefined;
    const was = await (crash === null ? desk.book(send, key) : desk.crash(send, crash, key)).then(
      (booked) => (booked ? (booked.isNew ? "new" : "repeat") : "crashed"),
      (failure: unknown) => {
        if (failure instanceof Failure && failure.code === "ID_REUSED") return "refused";
        throw failure;
      },
    );
    expect(was).toBe(expected);
  }

  async function send({ openids, perUserPerMonth }: Extract<Deed, { kind: "campaign" }>): Promise<void> {
    campaigns += 1;
    const planned = await runPlan(rig, `campaign-${campaigns}`, openids, perUserPerMonth);
    expect(planned.audience.admitted).toBe(model.admit(openids, perUserPerMonth).length);
  }

  return async (deed: Deed): Promise<void> => {
    await (deed.kind === "book" ? book(deed) : send(deed));
    const counted = await Promise.all(everybody.map((openid) => desk.used(openid)));
    expect(counted).toEqual(everybody.map(model.used));
  };
}

/** A campaign up to its plan; if that is empty, to what its end gives back. */
async function runPlan(rig: Rig, id: string, openids: readonly OpenId[], perUserPerMonth: number) {
  const taken = await takeIn(rig, id, openids, { perUserPerMonth });
  const planned = await planOf(rig, { shards: SHARDS })(taken, job);
  await giveBackOf(rig)(planned, []);
  return planned;
}

/** Everybody's number, once several bookings and campaigns at once are through. */
export async function countsAfter(rig: Rig, desk: BookingRig, deeds: readonly Deed[]) {
  await rig.caps.open({ account, month: desk.month() }, { shards: SHARDS });
  const reached = await Promise.all(
    deeds.map(async (deed, at): Promise<(openid: OpenId) => boolean> => {
      if (deed.kind === "book") {
        await desk.book({ audience: audienceOf(deed) });
        return (openid) => deed.openids?.includes(openid) ?? true;
      }
      const planned = await runPlan(rig, `campaign-${at}`, deed.openids, deed.perUserPerMonth);
      const members = new Set((await membersOf(rig, planned)).flat());
      return (openid) => members.has(openid);
    }),
  );
  const expected = everybody.map((openid) => reached.filter((reaches) => reaches(openid)).length);
  return { expected, counted: await Promise.all(everybody.map((openid) => desk.used(openid))) };
}
