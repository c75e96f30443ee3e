import fc from "fast-check";
import { Batch, CLOSED, ClosedBy } from "../../src/campaign/batch.ts";

/** A batch of two people, planned unless it is told otherwise. */
export function batchOf(change: Partial<Batch> = {}): Batch {
  const place = { shard: 0, offset: 0 };
  return {
    ...Batch.parse({
      ...{
        campaign: "offer",
        number: 1,
        size: 2,
        from: place,
        to: place,
        month: "2031-03",
        clientmsgid: "id",
        state: "planned",
      },
      ...{ version: 1, epoch: 0, calls: 0, resends: 0, misses: 0, notBefore: 0, polls: 0 },
    }),
    ...change,
  };
}

const count = fc.integer({ min: 0, max: 10_000 });
const counts = fc.record({
  total: count,
  filtered: fc.integer({ min: -5, max: 10_000 }),
  sent: count,
  failed: count,
});

/** Any batch that has ended. */
export const anyClosedBatch: fc.Arbitrary<Batch> = fc
  .record(
    {
      state: fc.constantFrom(...CLOSED),
      closedBy: fc.constantFrom(...ClosedBy.options),
      size: fc.integer({ min: 2, max: 10_000 }),
      calls: fc.integer({ min: 0, max: 9 }),
      msgId: fc.constant("1"),
      counts,
    },
    { requiredKeys: ["state", "closedBy", "size", "calls"] },
  )
  .map(batchOf);
