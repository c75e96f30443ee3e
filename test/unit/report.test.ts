import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Batch } from "../../src/campaign/batch.ts";
import { countRecipients, endOf, progressOf, Report, reportOf } from "../../src/campaign/report.ts";
import { anyClosedBatch, batchOf } from "./batches.ts";

const audience = { received: 0, invalid: 0, duplicate: 0, excluded: 0, capped: 0, admitted: 0 };
const campaign = { id: "offer", account: "acme", audience, createdAt: Date.UTC(2031, 2, 4) };
const report = (batches: readonly Batch[]) => reportOf(campaign, batches, campaign.createdAt + 1_000);
const closed = (...states: Batch["state"][]) =>
  states.map((state) => batchOf({ state, closedBy: "callback" }));

/** A batch that slipped into a month in which all its people are at the cap. */
const nobodyLeft = batchOf({ state: "canceled", closedBy: "month", size: 0 });

describe("end states are those of CONTRACT section 4", () => {
  test.each<[string, Batch[], string, string | null]>([
    ["nothing planned", [], "failed", "NOBODY_TO_SEND"],
    ["all succeeded", closed("succeeded", "succeeded"), "completed", null],
    ["one canceled of those that succeeded", closed("succeeded", "canceled"), "canceled", "CANCELED"],
    ["one canceled, one under review", closed("needs_review", "canceled"), "canceled", "CANCELED"],
    [
      "canceled by the deadline",
      [...closed("succeeded"), batchOf({ state: "canceled", closedBy: "deadline" })],
      "canceled",
      "DEADLINE",
    ],
    [
      "canceled by a person after the deadline had begun to",
      [
        batchOf({ state: "canceled", closedBy: "deadline" }),
        batchOf({ state: "canceled", closedBy: "cancel" }),
      ],
      "canceled",
      "CANCELED",
    ],
    [
      "canceled when all that was not accepted was in doubt",
      [...closed("succeeded"), batchOf({ state: "needs_review", closedBy: "cancel" })],
      "partly_completed",
      "NEEDS_REVIEW",
    ],
    ["nobody left in one, the other succeeded", [nobodyLeft, ...closed("succeeded")], "completed", null],
    ["nobody left in one, the other failed", [nobodyLeft, ...closed("failed")], "failed", "SEND_FAILED"],
    ["nobody left in any", [nobodyLeft, nobodyLeft], "failed", "NOBODY_TO_SEND"],
    ["all failed after acceptance", closed("failed", "failed"), "failed", "SEND_FAILED"],
    ["one failed, one succeeded", closed("failed", "succeeded"), "partly_completed", "SEND_FAILED"],
    [
      "one under review, one succeeded",
      closed("needs_review", "succeeded"),
      "partly_completed",
      "NEEDS_REVIEW",
    ],
    ["all under review", closed("needs_review"), "partly_completed", "NEEDS_REVIEW"],
    ["one failed, one under review", closed("failed", "needs_review"), "partly_completed", "NEEDS_REVIEW"],
    ["a call refused", [batchOf({ state: "failed", closedBy: "reply" })], "failed", "REFUSED"],
    [
      "dropped with a refused message",
      [batchOf({ state: "failed", closedBy: "campaign" })],
      "failed",
      "REFUSED",
    ],
    ["trouble of the account", [batchOf({ state: "failed", closedBy: "account" })], "failed", "ACCOUNT"],
    ["people that Redis lost", [batchOf({ state: "failed", closedBy: "lost" })], "failed", "AUDIENCE_LOST"],
    ["failed by a poll", [batchOf({ state: "failed", closedBy: "poll" })], "failed", "SEND_FAILED"],
  ])("%s", (_name, batches, state, reason) => {
    expect(endOf(batches)).toEqual({ state, reason });
  });

  test("whatever the batches are, the state follows the rule and a reason is given unless it is completed", () => {
    fc.assert(
      fc.property(fc.array(anyClosedBatch, { maxLength: 12 }), (batches) => {
        const isOver = (closedBy = "") => ["month", "nobody"].includes(closedBy);
        const counted = batches.filter(({ state, closedBy }) => state !== "canceled" || !isOver(closedBy));
        const has = (state: Batch["state"]) => counted.some((batch) => batch.state === state);
        const { state, reason } = endOf(batches);
        if (counted.length === 0) expect(state).toBe("failed");
        else if (has("canceled")) expect(state).toBe("canceled");
        else if (counted.every((batch) => batch.state === "succeeded")) expect(state).toBe("completed");
        else if (!has("succeeded") && !has("needs_review")) expect(state).toBe("failed");
        else expect(state).toBe("partly_completed");
        expect(reason === null).toBe(state === "completed");
      }),
    );
  });
});

test("nothing planned says why", () => {
  expect(endOf([])).toEqual({ state: "failed", reason: "NOBODY_TO_SEND" });
  for (const reason of ["AUDIENCE_LOST", "OVER_CAP", "ACCOUNT"])
    expect(endOf([], reason)).toEqual({ state: "failed", reason });
  for (const reason of ["CANCELED", "DEADLINE"])
    expect(endOf([], reason)).toEqual({ state: "canceled", reason });
});

test("of a list that was not planned whoever is nothing else is excluded, and nobody admitted", () => {
  const counted = { received: 9, invalid: 2, duplicate: 0, excluded: 0, capped: 0, admitted: 0 };
  const canceled = { ...campaign, audience: counted, reason: "CANCELED" };
  expect(reportOf(canceled, [], campaign.createdAt).audience).toEqual({ ...counted, excluded: 7 });
  const overCap = { ...campaign, audience: { ...counted, duplicate: 1, capped: 2 }, reason: "OVER_CAP" };
  expect(reportOf(overCap, [], campaign.createdAt).audience).toMatchObject({ capped: 2, excluded: 4 });
});

test("a result without counts is missing them, whoever brought it; a refused call has none", () => {
  const done = { state: "succeeded", msgId: "7" } as const;
  expect(report([batchOf({ ...done, closedBy: "callback" })]).countsMissing).toBe(1);
  expect(report([batchOf({ ...done, closedBy: "poll" })]).countsMissing).toBe(1);
  expect(report([batchOf({ state: "failed", closedBy: "reply" })]).countsMissing).toBe(0);
});

describe("a report's sums", () => {
  test("every planned batch is counted in exactly one end state", () => {
    fc.assert(
      fc.property(fc.array(anyClosedBatch), (batches) => {
        const { planned, succeeded, failed, needsReview, canceled } = report(batches).batches;
        expect(planned).toBe(batches.length);
        expect(succeeded + failed + needsReview + canceled).toBe(planned);
      }),
    );
  });

  test("submitted counts the people of batches with a msg_id, the rest is WeChat's own counts", () => {
    fc.assert(
      fc.property(fc.array(anyClosedBatch), (batches) => {
        const accepted = batches.filter(({ msgId }) => msgId !== undefined);
        const sum = (of: (batch: Batch) => number) =>
          accepted.map(of).reduce((total, count) => total + count, 0);
        expect(report(batches).recipients).toEqual({
          submitted: sum(({ size }) => size),
          total: sum(({ counts }) => counts?.total ?? 0),
          filtered: sum(({ counts }) => counts?.filtered ?? 0),
          sent: sum(({ counts }) => counts?.sent ?? 0),
          failed: sum(({ counts }) => counts?.failed ?? 0),
        });
      }),
    );
  });

  test("counts are missing for what a poll closed, until a callback brings them", () => {
    const byPoll = batchOf({ state: "succeeded", closedBy: "poll", msgId: "1" });
    const counts = { total: 2, filtered: 0, sent: 2, failed: 0 };
    expect(report([byPoll, { ...byPoll, state: "failed" }]).countsMissing).toBe(2);
    expect(report([{ ...byPoll, closedBy: "callback", counts }]).countsMissing).toBe(0);
    expect(report([batchOf({ state: "needs_review", closedBy: "give-up", msgId: "1" })]).countsMissing).toBe(
      0,
    );
  });

  test("send calls are all that were or may have been made", () => {
    expect(
      report([batchOf({ state: "succeeded", calls: 3 }), batchOf({ state: "failed", calls: 2 })]).sendCalls,
    ).toBe(5);
  });
});

test("a report fits its own schema, its times in UTC", () => {
  fc.assert(
    fc.property(fc.array(anyClosedBatch), (batches) => {
      expect(Report.parse(report(batches))).toEqual(report(batches));
    }),
  );
  expect(report([])).toMatchObject({
    createdAt: "2031-03-04T00:00:00.000Z",
    closedAt: "2031-03-04T00:00:01.000Z",
  });
});

describe("progress", () => {
  test("is the share of people whose batch is closed", () => {
    const batches = [
      batchOf({ state: "succeeded", size: 10_000 }),
      batchOf({ state: "needs_review", size: 10_000 }),
      batchOf({ state: "accepted", size: 5_000 }),
    ];
    expect(progressOf(batches).percent).toBe(80);
    expect(progressOf([]).percent).toBe(0);
  });

  test("is 100 when every batch is closed and not before", () => {
    fc.assert(
      fc.property(fc.array(anyClosedBatch, { minLength: 1 }), (batches) => {
        expect(progressOf(batches).percent).toBe(100);
        expect(progressOf([...batches, batchOf({ state: "unknown" })]).percent).toBeLessThan(100);
      }),
    );
  });

  test("counts people as submitted as soon as WeChat has accepted their batch", () => {
    expect(countRecipients([batchOf({ state: "accepted", size: 7, msgId: "1" })]).submitted).toBe(7);
    expect(countRecipients([batchOf({ state: "unknown", size: 7 })]).submitted).toBe(0);
  });
});
