import { describe, expect, test } from "vitest";
import type { Waiting } from "../../src/campaign/batch.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { shownState, waitingOf } from "../../src/campaign/waiting.ts";
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

test.each(["preparing", "paused", "completed", "canceling"] as const)(
  "one that is %s does not wait",
  (state) => {
    const batches = waits({ reason: "window", until: 200 });
    expect(waitingOf({ ...sending, state }, batches)).toBeUndefined();
    expect(shownState({ ...sending, state }, batches)).toBe(state);
  },
);
