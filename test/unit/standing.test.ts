import { describe, expect, test } from "vitest";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { type AccountStop, type StandingBatch, standingOf } from "../../src/campaign/standing.ts";

const now = Date.parse("2031-03-04T12:00:00+08:00");
const ago = (seconds: number) => now - seconds * 1_000;
const free: AccountStop = { paused: false, block: undefined };

const campaign = (change: Partial<Campaign> = {}) =>
  ({ id: "offer", state: "sending", sendableAt: ago(600), ...change }) as Campaign;
const batch = (number: number, change: Partial<StandingBatch> = {}): StandingBatch => ({
  ...{ number, state: "planned", size: 100, notBefore: 0 },
  ...change,
});
const trouble = { code: "NOT_NOW", message: "busy" };
/** Since how many seconds, by reason. */
const waits = (of: Campaign, batches: StandingBatch[], stop = free) =>
  [...standingOf([{ campaign: of, batches }], stop, now).waitingSince].map(([reason, at]) => [
    ...[reason, (now - at) / 1_000],
  ]);

describe("a batch that is not sent waits", () => {
  test("since it could be sent, or was called last", () => {
    expect(waits(campaign(), [batch(1)])).toEqual([["none", 600]]);
    expect(waits(campaign(), [batch(1, { callAt: ago(50) })])).toEqual([["none", 50]]);
    const called = [batch(1, { state: "sending", callAt: ago(5) }), batch(2), batch(3, { callAt: ago(9) })];
    expect(waits(campaign(), called)).toEqual([["none", 600]]);
  });

  test("for what it has noted, as long as that has not passed", () => {
    const later = { reason: "daily-quota", until: now + 1 } as const;
    const passed = { reason: "daily-quota", until: ago(30) } as const;
    expect(waits(campaign(), [batch(1, { wait: later }), batch(2, { wait: passed })])).toEqual([
      ["daily-quota", 600],
      ["none", 30],
    ]);
    expect(waits(campaign(), [batch(1, { wait: { reason: "account", until: null } })])).toEqual([
      ["account", 600],
    ]);
  });

  test("with its account, its campaign, or for a person, where it has noted nothing", () => {
    const block = { reason: "month", until: now + 1 } as const;
    expect(waits(campaign(), [batch(1)], { paused: false, block })).toEqual([["month", 600]]);
    expect(waits(campaign(), [batch(1)], { paused: false, block: { ...block, until: ago(7) } })).toEqual([
      ["none", 7],
    ]);
    expect(waits(campaign(), [batch(1)], { paused: true, block })).toEqual([["paused", 600]]);
    expect(waits(campaign({ paused: true }), [batch(1)])).toEqual([["paused", 600]]);
    expect(waits(campaign({ stopped: trouble }), [batch(1)])).toEqual([["content", 600]]);
    const held = [batch(1, { state: "accepted", acceptedAt: ago(3) }), batch(2)];
    expect(waits(campaign({ hold: "first-batch" }), held)).toEqual([["first-batch", 600]]);
  });

  test("not when its campaign is being canceled, nor when it has been accepted or closed", () => {
    expect(waits(campaign({ state: "canceling" }), [batch(1)])).toEqual([]);
    const done = (["accepted", "succeeded", "failed", "needs_review", "canceled"] as const).map(
      (state, index) => batch(index + 1, { state }),
    );
    expect(waits(campaign(), done)).toEqual([]);
  });
});

test("campaigns, batches and recipients are added up by state", () => {
  const counts = { total: 90, filtered: 4, sent: 80, failed: 6 };
  const open = [
    { campaign: campaign({ state: "scheduled" }), batches: [] },
    { campaign: campaign({ paused: true }), batches: [batch(1)] },
    {
      campaign: campaign(),
      batches: [
        batch(1, { state: "succeeded", msgId: "1", counts }),
        batch(2, { state: "accepted", msgId: "2", acceptedAt: ago(40) }),
        batch(3, { state: "accepted", msgId: "3", acceptedAt: ago(70) }),
        batch(4, { wait: { reason: "window", until: now + 1 } }),
      ],
    },
  ];
  const { campaigns, batches, recipients, acceptedSince } = standingOf(open, free, now);
  expect(Object.fromEntries(campaigns)).toEqual({ scheduled: 1, paused: 1, waiting: 1 });
  expect(Object.fromEntries(batches)).toEqual({ planned: 2, succeeded: 1, accepted: 2 });
  expect(recipients).toEqual({ submitted: 300, total: 90, filtered: 4, sent: 80, failed: 6 });
  expect(acceptedSince).toBe(ago(70));
  expect(standingOf([], free, now).acceptedSince).toBeUndefined();
});
