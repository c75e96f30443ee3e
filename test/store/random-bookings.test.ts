import fc from "fast-check";
import { expect, test } from "vitest";
import { createBookingRig } from "./booking-rig.ts";
import { anyDeed, countsAfter, createBookingLife } from "./random-bookings.ts";
import { openRig } from "./rig.ts";

/** Runs a property on a ledger of its own each time. */
async function onRigs(deed: (rig: ReturnType<typeof openRig>) => Promise<void>): Promise<void> {
  const rig = openRig();
  try {
    await deed(rig);
  } finally {
    await rig.quit();
  }
}

test("whatever is booked, crashes, is repeated and is admitted, everybody's number is the model's", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyDeed, { maxLength: 15 }), (deeds) =>
      onRigs(async (rig) => {
        const live = await createBookingLife(rig, createBookingRig(rig));
        for (const deed of deeds) await live(deed);
      }),
    ),
    { numRuns: 40 },
  );
});

test("bookings and campaigns at once lose no message, and count none twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyDeed, { minLength: 2, maxLength: 6 }), (deeds) =>
      onRigs(async (rig) => {
        const { counted, expected } = await countsAfter(rig, createBookingRig(rig), deeds);
        expect(counted).toEqual(expected);
      }),
    ),
    { numRuns: 25 },
  );
});
