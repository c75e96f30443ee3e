import { describe, expect, test } from "vitest";
import type { Waiting } from "../../src/campaign/batch.ts";
import { type Campaign, CampaignState } from "../../src/campaign/campaign.ts";
import { movesOf } from "../../src/campaign/move.ts";
import { isHeldBack, shownState, waitingOf } from "../../src/campaign/waiting.ts";
import { batchOf } from "./batches.ts";

const sending = { state: "sending" } as Campaign;
const trouble = { code: "AUDIT_REFUSED", message: "err(20008)" };
const waits = (...all: Waiting[]) => all.map((wait) => batchOf({ wait }));

describe("a campaign that is being sent waits", () => {
  test("for what passes first", () => {
    const batches = waits({ reason: "daily-quota", until: 300 }, { reason: "window", until: 200 });
    expect(waitingOf(sending, batches)).toEqual({ reason: "window", until: 200 });
    expect(shownState(sending, batches)).toBe("waiting");
  });

  test("for a person last of all", () => {
    const stopped = { ...sending, stopped: trouble };
    expect(waitingOf(stopped, waits({ reason: "resend", until: 200 }))?.reason).toBe("resend");
    expect(waitingOf(stopped, [batchOf()])).toEqual({ reason: "content", until: null, trouble });
  });

  test("not for what a closed batch has waited for", () => {
    const closed = batchOf({ state: "succeeded", wait: { reason: "resend", until: 200 } });
    expect(waitingOf(sending, [closed, batchOf()])).toBeUndefined();
    expect(shownState(sending, [closed, batchOf()])).toBe("sending");
  });
});

describe("a campaign that holds the others back until its first batch has succeeded", () => {
  const held = { ...sending, hold: "first-batch" } as Campaign;
  const behind = batchOf({ number: 2 });
  const firstBatch = { reason: "first-batch", until: null };

  test.each(["planned", "sending"] as const)("does not wait while that is %s", (state) => {
    expect(waitingOf(held, [batchOf({ state }), behind])).toBeUndefined();
  });

  test.each(["accepted", "failed", "needs_review"] as const)("waits for it when it is %s", (state) => {
    expect(waitingOf(held, [batchOf({ state }), behind])).toEqual(firstBatch);
    expect(isHeldBack(held, [batchOf({ state }), behind])).toBe(true);
  });

  test("waits for what the first batch itself waits for", () => {
    const quota = { reason: "daily-quota", until: 300 } as const;
    expect(waitingOf(held, [batchOf({ wait: quota }), behind])).toEqual(quota);
  });

  test("tells first of a content that was refused", () => {
    const stopped = { ...held, stopped: trouble };
    expect(waitingOf(stopped, [batchOf({ state: "failed" }), behind])?.reason).toBe("content");
  });

  test("waits for the next one when nobody was left in the first", () => {
    const [first, second] = [batchOf({ state: "canceled", closedBy: "month" }), batchOf({ number: 2 })];
    const third = batchOf({ number: 3 });
    const moved = { ...held, firstBatch: 2 };
    expect(waitingOf(moved, [first, second, third])).toBeUndefined();
    expect(waitingOf(moved, [first, { ...second, state: "accepted" }, third])).toEqual(firstBatch);
  });

  test("holds nobody back when there are no others", () => {
    expect(waitingOf(held, [batchOf({ state: "accepted" })])).toBeUndefined();
    expect(isHeldBack(held, [batchOf({ state: "failed" }), batchOf({ number: 2, state: "succeeded" })])).toBe(
      false,
    );
  });
});

describe("a campaign that a person has paused", () => {
  test.each(["scheduled", "preparing", "sending"] as const)(
    "is paused and waits for nothing: %s",
    (state) => {
      const paused = { ...sending, state, paused: true } as Campaign;
      const batches = waits({ reason: "window", until: 200 });
      expect(shownState(paused, batches)).toBe("paused");
      expect(waitingOf(paused, batches)).toBeUndefined();
    },
  );

  test.each(["canceling", "canceled", "completed"] as const)("is paused no more once it is %s", (state) => {
    expect(shownState({ ...sending, state, paused: true } as Campaign, [])).toBe(state);
  });
});

test("the moves of a state are those of CONTRACT section 4", () => {
  const moves = Object.fromEntries(CampaignState.options.map((state) => [state, movesOf(state)]));
  const none: string[] = [];
  expect(moves).toEqual({
    ...{ scheduled: ["pause", "cancel"], preparing: ["pause", "cancel"], sending: ["pause", "cancel"] },
    ...{ waiting: ["pause", "resume", "cancel"], paused: ["resume", "cancel"], canceling: none },
    ...{ completed: none, partly_completed: none, failed: none, canceled: none },
  });
});

test.each(["scheduled", "preparing", "completed", "canceling"] as const)(
  "one that is %s does not wait",
  (state) => {
    const batches = waits({ reason: "window", until: 200 });
    expect(waitingOf({ ...sending, state }, batches)).toBeUndefined();
    expect(shownState({ ...sending, state }, batches)).toBe(state);
  },
);
