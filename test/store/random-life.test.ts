import fc from "fast-check";
import { expect, test } from "vitest";
import { anyDeed, createLife } from "./random-life.ts";
import { openRig } from "./rig.ts";

test("whatever happens to some batches, in whatever order, the ledger holds", async () => {
  const deeds = fc.array(anyDeed, { minLength: 5, maxLength: 45, size: "max" });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), deeds, async (count, all) => {
      const rig = openRig();
      try {
        const live = await createLife(rig, await rig.plan("offer", new Array(count).fill(2)));
        for (const deed of all) await live(deed);
      } finally {
        await rig.quit();
      }
    }),
    { numRuns: 120 },
  );
});

test("once WeChat's windows are over, every batch comes to its end, and stays there", async () => {
  const deeds = fc.array(anyDeed, { minLength: 5, maxLength: 30, size: "max" });
  await fc.assert(
    fc.asyncProperty(deeds, async (all) => {
      const rig = openRig();
      try {
        const batches = await rig.plan("offer", [2, 2, 2]);
        const live = await createLife(rig, batches);
        for (const deed of all) await live(deed);
        rig.clock.advance(24 * 3_600_000);
        for (const batch of batches) {
          await rig.begin(batch);
          await rig.end(batch, { by: "give-up", state: "needs_review" });
          await rig.drop(batch);
        }
        expect(await rig.inDoubt()).toEqual([]);
        expect(await rig.batches.open({ account: "acme", id: "offer" as never })).toEqual([]);
      } finally {
        await rig.quit();
      }
    }),
    { numRuns: 40 },
  );
});
