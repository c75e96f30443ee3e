import fc from "fast-check";
import { test } from "vitest";
import { anyDeed, anyRules, createQuotaLife } from "./quota-life.ts";
import { createModel } from "./quota-model.ts";
import { openRig } from "./rig.ts";

test("whatever sends, polls and people do in whatever order, over days, the quotas are exact", async () => {
  const deeds = fc.array(anyDeed, { minLength: 5, maxLength: 50, size: "max" });
  await fc.assert(
    fc.asyncProperty(anyRules, deeds, async (rules, all) => {
      const rig = openRig();
      try {
        const batches = await rig.plan("offer", [2, 2, 2, 2]);
        const live = await createQuotaLife(rig, createModel(rules), rules, batches);
        for (const deed of all) await live(deed);
      } finally {
        await rig.quit();
      }
    }),
    { numRuns: 60 },
  );
});
