import fc from "fast-check";
import { describe, expect } from "vitest";
import { isInside, nextOpening, type Window } from "../../src/campaign/window.ts";
import { account, minute, type Rig, test } from "./rig.ts";

const minuteOfDay = fc.integer({ min: 0, max: 1_439 });
const anyWindow: fc.Arbitrary<Window> = fc
  .record({ from: minuteOfDay, to: minuteOfDay })
  .filter(({ from, to }) => from !== to);
const day = Date.parse("2031-03-04T00:00:00+08:00");
const last3s = 3_000;

/** Moments all over a day, and those around the window's own; the end of the day has a gate of its own. */
const anyCase = anyWindow.chain((window) =>
  fc.record({
    window: fc.constant(window),
    atMs: fc.oneof(
      fc.integer({ min: 0, max: 86_400_000 - last3s - 1 }),
      fc
        .record({ edge: fc.constantFrom(window.from, window.to), off: fc.integer({ min: -2, max: 2 }) })
        .map(({ edge, off }) => Math.min(Math.max(edge * minute + off, 0), 86_400_000 - last3s - 1)),
    ),
  }),
);

/** What `begin` says of a new batch at this moment. */
async function gateAt(rig: Rig, now: number, fields: Record<string, number>, window?: Window) {
  await rig.redis.del(
    rig.keys.batch(account, "offer" as never, 1),
    rig.keys.campaign(account, "offer" as never),
  );
  await rig.redis.del(rig.keys.turn(account), rig.keys.turnQueue(account), rig.keys.minute(account));
  rig.clock.set(day);
  const batch = await rig.planOne();
  await rig.setCampaign(batch.campaign, { sendableAt: 0, ...fields });
  rig.clock.set(now);
  return rig.begin(batch, { window, sendCalls: 1_000_000 });
}

function expected({ from, to }: Window, now: number) {
  if (isInside({ from, to }, now)) return { word: "go" };
  return { word: "wait", reason: "window", until: nextOpening({ from, to }, now) };
}

describe("the window that begin keeps is the one that campaign/window.ts works out", () => {
  test("for a campaign's own, whatever the account's is", async ({ rig }) => {
    await fc.assert(
      fc.asyncProperty(anyCase, anyWindow, async ({ window, atMs }, other) => {
        const now = day + atMs;
        const own = { windowFrom: window.from, windowTo: window.to };
        expect(await gateAt(rig, now, own, other)).toMatchObject(expected(window, now));
      }),
      { numRuns: 150 },
    );
  });

  test("for the account's, when the campaign has none", async ({ rig }) => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ window, atMs }) => {
        const now = day + atMs;
        expect(await gateAt(rig, now, {}, window)).toMatchObject(expected(window, now));
      }),
      { numRuns: 100 },
    );
  });
});
