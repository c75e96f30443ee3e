import { describe, expect, test } from "vitest";
import type {
  AccountEvidence,
  CampaignEvidence,
  Delivery,
  ShownBatch,
} from "../../scripts/chaos/evidence.ts";
import { judgeAccount } from "../../scripts/chaos/judge.ts";
import { judgeLog } from "../../scripts/chaos/judge-logs.ts";
import { soundAccount, soundCampaign } from "./chaos-evidence.ts";

/** What is said of an account whose first campaign is so. */
const judged = (change: Partial<CampaignEvidence>, account: Partial<AccountEvidence> = {}) => {
  const campaigns = [{ ...soundCampaign("one"), ...change }, soundCampaign("two")];
  return judgeAccount({ ...soundAccount(campaigns), ...account });
};
const { batches, deliveries, report, fates } = soundCampaign("one");
const [batch, ...otherBatches] = batches as [ShownBatch, ShownBatch];
const [delivery, ...otherDeliveries] = deliveries as [Delivery, Delivery];
const withBatch = (change: Partial<ShownBatch>) => ({ batches: [{ ...batch, ...change }, ...otherBatches] });
const withDelivery = (change: Partial<Delivery>) => ({
  deliveries: [{ ...delivery, ...change }, ...otherDeliveries],
});
const withReport = (change: Partial<CampaignEvidence["report"]>) => ({ report: { ...report, ...change } });

test("sound books leave nothing to say", () => {
  expect(judgeAccount(soundAccount())).toEqual([]);
});

test("nor does a campaign that has ended before it was planned, whose duplicates nobody has told apart", () => {
  const nothing = { planned: 0, succeeded: 0, failed: 0, needsReview: 0, canceled: 0 };
  const early = {
    ...{ batches: [], deliveries: [] },
    fates: [{ openid: "a", outcome: "excluded", state: null }],
    report: {
      ...report,
      state: "canceled" as const,
      audience: { ...report.audience, duplicate: 0, capped: 0, excluded: 9, admitted: 0 },
      batches: nothing,
      recipients: { submitted: 0, total: 0, filtered: 0, sent: 0, failed: 0 },
      sendCalls: 0,
    },
  };
  const account = { arrived: 2, quotaUsed: 2, capUsers: { 1: 6 } };
  expect(judged(early, account)).toEqual([]);
  const lost = { ...early.report, audience: { ...early.report.audience, received: 9, excluded: 8 } };
  expect(judged({ ...early, report: lost }, account)).toContainEqual({
    kind: "loss",
    people: 1,
    says: "one has lost 1 people: in no message, and not told",
  });
});

describe("the judge sees", () => {
  test("somebody who was sent a campaign twice, in one message or in two", () => {
    const says = "one was sent twice to a";
    expect(judged(withDelivery({ openids: ["a", "a", "b"] }))).toContainEqual({
      kind: "double",
      people: 1,
      says,
    });
    const again = { ...delivery, msg_id: "msg-again", clientmsgid: "again" };
    const twice = judged({ deliveries: [...deliveries, again] });
    expect(twice).toContainEqual({ kind: "double", people: 3, says: "one was sent twice to a, b, c" });
    expect(twice).toContainEqual({
      kind: "report",
      says: "one message msg-again belongs to none of its batches",
    });
  });

  test("somebody who is in no message, and of whom nothing is told", () => {
    expect(judged(withDelivery({ openids: ["a", "b"], size: 2 }))).toContainEqual({
      kind: "loss",
      people: 1,
      says: "one has lost 1 people: in no message, and not told",
    });
    const fate = { openid: "capped", outcome: "admitted", state: "succeeded" } as const;
    expect(judged({ fates: [...fates, fate] })).toEqual([
      { kind: "loss", people: 1, says: "one says admitted, succeeded of capped, who was not sent to" },
    ]);
  });

  test("a whole batch that is told as sent and was not", () => {
    expect(judged({ deliveries: otherDeliveries }).map(({ kind, says }) => `${kind}: ${says}`)).toEqual(
      expect.arrayContaining([
        "loss: one has lost 3 people: in no message, and not told",
        "report: one batch 1, succeeded, has the message msg-one~1, which nobody accepted",
      ]),
    );
  });

  test("a batch that is told as not sent and was", () => {
    const canceled = withBatch({ state: "canceled", closedBy: "cancel", msgId: null, counts: null });
    expect(judged(canceled).map(({ says }) => says)).toContain(
      "one batch 1, canceled, knows nothing of its message msg-one~1",
    );
  });

  test("somebody who was not in the list", () => {
    expect(judged(withDelivery({ openids: ["a", "b", "z"] })).map(({ says }) => says)).toContain(
      "one was sent to people who were not in its list: z",
    );
  });

  test.each([
    ["counts of recipients", { recipients: { ...report.recipients, sent: 5 } }, "reports {"],
    ["counts of batches", { batches: { ...report.batches, succeeded: 1, failed: 1 } }, "counts its batches"],
    ["how many were received", { audience: { ...report.audience, received: 9 } }, "received 9"],
    ["how many were capped", { audience: { ...report.audience, capped: 2 } }, "tells of 8 people, not 7"],
    ["duplicates", { audience: { ...report.audience, duplicate: 1 } }, "counts 1 duplicates, not 2"],
    ["how many were admitted", { audience: { ...report.audience, admitted: 5 } }, "admits 5"],
    ["missing counts", { countsMissing: 1 }, "says 1 counts are missing, not 0"],
  ])("a report with wrong %s", (_, change, says) => {
    expect(judged(withReport(change)).map((problem) => problem.says)).toContainEqual(
      expect.stringContaining(`one ${says}`),
    );
  });

  test.each([
    ["another message", { msgId: "msg-other" }, "has the message msg-other instead of msg-one~1"],
    ["another size", { size: 2 }, "has 2 people, its message 3"],
    ["another end", { state: "failed" as const }, "ended as send success"],
    ["no counts of a result that was acknowledged", { counts: null }, "has no counts"],
    ["no end", { state: "accepted" as const }, "is not closed"],
  ])("a batch with %s", (_, change, says) => {
    expect(judged(withBatch(change)).map((problem) => problem.says)).toContainEqual(
      expect.stringContaining(says),
    );
  });

  test("people above their month", () => {
    const five = ["one", "two", "three", "four", "five"].map(soundCampaign);
    expect(judgeAccount(soundAccount(five)).map(({ kind, says }) => `${kind}: ${says}`)).toEqual([
      "cap: north: 6 people were sent more than 4: a",
    ]);
    expect(judged(withDelivery({ outcomes: ["sent", "capped", "sent"] }))).toEqual([
      { kind: "cap", says: "north: WeChat held back 1 people who were above their month" },
    ]);
  });

  test("messages that are counted for nobody, or not counted", () => {
    expect(judged({}, { capUsers: { 1: 1, 2: 6 } })).toEqual([
      { kind: "cap", says: "north: counts 13 messages for its people, its batches hold 12" },
    ]);
  });

  test.each([
    ["more calls than the day has", { sendCallsPerDay: 3 }, "WeChat saw 4 calls, the day has 3"],
    [
      "a limit that WeChat had to hold",
      { refused: { 45009: 1 } },
      "WeChat refused calls beyond a limit: 45009",
    ],
    ["calls that no report has", { arrived: 5, quotaUsed: 5 }, "reports 4 calls, WeChat saw 5"],
    ["calls that nobody made", { arrived: 2 }, "reports 4 calls, WeChat saw only 2"],
    ["calls that the quota does not have", { quotaUsed: 3 }, "counts 3 calls of the day, WeChat saw 4"],
  ])("%s", (_, account, says) => {
    expect(judged({}, account)).toEqual([{ kind: "quota", says: `north: ${says}` }]);
  });

  test("a message of no campaign", () => {
    expect(judged({}, { strangers: [delivery] })).toEqual([
      { kind: "report", says: "message msg-one~1 is of no campaign: 「one」" },
    ]);
  });
});

describe("in a log the judge sees", () => {
  const openid = `o${"x".repeat(27)}`;
  const rules = {
    secrets: ["s3cret"],
    people: new Set([openid]),
    expected: (line: string) => line === "fine",
  };
  const saysOf = (text: string) =>
    judgeLog("worker", text, rules).map(({ says }) => says.split(":")[1]?.trim());

  test("nothing in lines as they should be", () => {
    expect(saysOf(`{"level":30,"msg":"so"}\n{"level":40}\nfine\n`)).toEqual([]);
  });
  test.each([
    ["an OpenID", `{"level":30,"msg":"to ${openid}!"}`, "an OpenID"],
    ["a secret", `{"level":30,"url":"?key=s3cret"}`, "a secret"],
    ["an access token", `{"level":30,"token":"99_${"a".repeat(128)}"}`, "a secret"],
  ])("%s", (_, line, says) => {
    expect(saysOf(line)).toEqual([says]);
  });
  test("a bug, and what is no log line at all", () => {
    expect(judgeLog("worker", `{"level":50,"msg":"Ouch"}\n    at Object.<anonymous>`, rules)).toHaveLength(2);
  });
});
