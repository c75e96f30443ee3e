import { describe, expect } from "vitest";
import type { Verdict } from "../../src/campaign/batch.ts";
import { viewReview } from "../../src/campaign/review-view.ts";
import { openSteps, type Steps } from "./errcode-rig.ts";
import { by, lost, result, underReview } from "./review-rig.ts";
import { account, hour, minute, type Rig, test } from "./rig.ts";

const settle = (steps: Steps, verdict: Verdict, more: object = {}, number = 1) =>
  steps.review.settle("offer", number, { verdict, by, ...more });
const one = (steps: Steps, rig: Rig, number = 1) => rig.get(steps.address("offer", number));
const reportOf = async (rig: Rig, steps: Steps) =>
  (await rig.campaigns.get({ account, id: steps.address("offer").campaign })).report;

describe("a batch under review", () => {
  test("is listed with its account, until it is settled", async ({ rig }) => {
    const steps = await underReview(rig);
    expect((await steps.review.open(account, { limit: 9 })).items).toMatchObject([
      { campaign: { id: "offer" }, batch: { number: 1 } },
    ]);
    await settle(steps, "sent");
    expect((await steps.review.open(account, { limit: 9 })).items).toEqual([]);
  });

  test("is listed once, page after page", async ({ rig }) => {
    const steps = openSteps(rig);
    for (const id of ["a", "b", "c"]) await steps.send(id, "tag");
    rig.clock.advance(49 * hour);
    for (const id of ["a", "b", "c"]) await steps.batch(id);
    const first = await steps.review.open(account, { limit: 2 });
    const second = await steps.review.open(account, { limit: 2, after: first.next });
    const seen = [...first.items, ...second.items].map(({ campaign }) => campaign.id);
    expect([seen, second.next]).toEqual([["a", "b", "c"], undefined]);
  });

  test("is listed too when WeChat never told what became of it", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.send("offer", "tag");
    rig.clock.advance(49 * hour);
    expect(await steps.batch("offer")).toMatchObject({ state: "needs_review", closedBy: "give-up" });
    expect((await steps.review.open(account, { limit: 9 })).items).toMatchObject([
      { batch: { number: 1, closedBy: "give-up" } },
    ]);
  });

  test("is shown with the results that could be its own, and no others", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.deliver(account, result("500"));
    rig.clock.advance(2 * minute);
    await steps.campaign("offer");
    steps.answers.push(lost);
    await steps.batch("offer", 1);
    rig.clock.advance(minute);
    await steps.deliver(account, result("501"));
    await steps.deliver(account, result("502", { counts: { total: 900, filter: 900, sent: 900, error: 0 } }));
    rig.clock.advance(23 * hour);
    await steps.batch("offer", 1);
    const { candidates, batch } = await steps.review.look("offer", 1);
    expect(batch.state).toBe("needs_review");
    expect(candidates.map(({ msgId }) => msgId)).toEqual(["501"]);
    const { items } = await steps.review.open(account, { limit: 9 });
    expect(items).toEqual([expect.objectContaining({ candidates })]);
  });

  test.for(["sent", "not-sent"] as const)(
    "is shown with its first doubt when somebody has settled it as %s, too",
    async (verdict, { rig }) => {
      const steps = await underReview(rig);
      const sheet = async () => viewReview(await steps.review.look("offer", 1));
      const before = await sheet();
      expect(before.firstDoubtAt).not.toBeNull();
      await settle(steps, verdict);
      const { firstDoubtAt, lastCallAt, error } = await sheet();
      expect({ firstDoubtAt, lastCallAt, error }).toEqual({
        ...{ firstDoubtAt: before.firstDoubtAt, lastCallAt: before.lastCallAt, error: before.error },
      });
    },
  );

  test.for([
    ["nowhere", 1],
    ["offer", 3],
  ] as const)("is not there: %s, batch %d", async ([id, number], { rig }) => {
    const steps = await underReview(rig);
    await expect(steps.review.look(id, number)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(steps.review.settle(id, number, { verdict: "sent", by })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("settled as sent", () => {
  test("it has succeeded, keeps what it reserved, and corrects the report", async ({ rig }) => {
    const steps = await underReview(rig);
    await settle(steps, "sent");
    expect(await one(steps, rig)).toMatchObject({
      ...{ state: "succeeded", closedBy: "person", review: { verdict: "sent", who: "ops" } },
    });
    expect(await steps.counted("offer", 1)).toBe(1);
    expect(await reportOf(rig, steps)).toMatchObject({
      ...{ state: "completed", reason: null, batches: { planned: 2, succeeded: 2, needsReview: 0 } },
      ...{ recipients: { submitted: 4, total: 2 }, countsMissing: 1 },
    });
  });

  test("with the msg_id that it went out as, takes that result's counts and its later callbacks", async ({
    rig,
  }) => {
    const steps = openSteps(rig);
    await steps.campaign("offer");
    steps.answers.push(lost);
    await steps.batch("offer", 1);
    rig.clock.advance(minute);
    await steps.deliver(account, result("501"));
    rig.clock.advance(23 * hour);
    await steps.batch("offer", 1);
    await settle(steps, "sent", { msgId: "501" });
    const batch = await one(steps, rig);
    expect(batch).toMatchObject({ state: "succeeded", msgId: "501", counts: { total: 2, sent: 2 } });
    expect(batch.contradiction).toBeUndefined();
    await steps.deliver(account, result("501", { status: "fail" }));
    expect(await one(steps, rig)).toEqual(batch);
  });

  test("not with the msg_id of another batch, or another one than its own", async ({ rig }) => {
    const steps = await underReview(rig);
    const { msgId } = await one(steps, rig, 2);
    await expect(settle(steps, "sent", { msgId })).rejects.toMatchObject({ code: "MSG_ID_OWNED" });
    expect(await one(steps, rig)).toMatchObject({ state: "needs_review" });
    const other = openSteps(rig);
    await other.send("given-up", "tag");
    rig.clock.advance(49 * hour);
    await other.batch("given-up");
    const wish = { verdict: "sent", by, msgId: "9" } as const;
    await expect(other.review.settle("given-up", 1, wish)).rejects.toMatchObject({
      code: "INVALID_PARAMETER",
    });
  });
});

describe("settled as not sent", () => {
  test("it has failed, gives back what it reserved, and corrects the report", async ({ rig }) => {
    const steps = await underReview(rig);
    expect(await steps.counted("offer", 1)).toBe(1);
    await settle(steps, "not-sent");
    expect(await one(steps, rig)).toMatchObject({ state: "failed", closedBy: "person" });
    expect(await steps.counted("offer", 1)).toBe(0);
    expect(await steps.counted("offer", 2)).toBe(1);
    expect(await reportOf(rig, steps)).toMatchObject({
      ...{ state: "partly_completed", batches: { succeeded: 1, failed: 1, needsReview: 0 } },
      recipients: { submitted: 2 },
    });
  });

  test("its people get it in a campaign of their own, admitted afresh", async ({ rig }) => {
    const steps = await underReview(rig, { name: "Offer", metadata: { ticket: "1" } });
    const { again } = await settle(steps, "not-sent", { sendAgain: true });
    expect(again).toEqual({ id: "offer-again-1", state: "preparing", batches: [1], partly: [] });
    await steps.campaign("offer-again-1");
    const made = await rig.campaigns.get({ account, id: "offer-again-1" as never });
    expect(made).toMatchObject({
      name: "Offer",
      message: { msgtype: "text" },
      metadata: { ticket: "1" },
      planned: 1,
    });
    const people = (campaign: typeof made, batch: Awaited<ReturnType<typeof one>>) =>
      rig.audiences.members(campaign, batch);
    const before = await people(
      await rig.campaigns.get({ account, id: "offer" as never }),
      await one(steps, rig),
    );
    const after = await people(made, await rig.get(steps.address("offer-again-1")));
    expect(after.sort()).toEqual(before.sort());
    expect(await steps.counted("offer-again-1")).toBe(1);
  });

  test("what WeChat says otherwise is shown beside it, and changes nothing", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.send("offer", "tag");
    const { msgId = "" } = await one(steps, rig);
    rig.clock.advance(49 * hour);
    await steps.batch("offer");
    await settle(steps, "not-sent");
    await steps.deliver(account, result(msgId));
    expect(await one(steps, rig)).toMatchObject({
      ...{ state: "failed", closedBy: "person" },
      contradiction: { state: "succeeded", counts: { total: 2, sent: 2 } },
    });
    expect((await one(steps, rig)).counts).toBeUndefined();
    const before = await rig.dump();
    await steps.deliver(account, result(msgId, { status: "fail" }));
    expect((await rig.get(steps.address("offer"))).contradiction).toMatchObject({ state: "succeeded" });
    expect(Object.keys(await rig.dump())).toEqual(Object.keys(before));
  });

  test("an answer of WeChat's that comes after all neither reopens it nor is lost", async ({ rig }) => {
    const steps = await underReview(rig);
    await settle(steps, "not-sent");
    await rig.accept(steps.address("offer"), "777");
    expect(await one(steps, rig)).toMatchObject({
      ...{ state: "failed", closedBy: "person", msgId: "777", contradiction: { state: "accepted" } },
    });
    await steps.deliver(account, result("777"));
    expect(await one(steps, rig)).toMatchObject({ state: "failed", contradiction: { state: "succeeded" } });
    expect(await rig.batches.open(await rig.campaigns.get({ account, id: "offer" as never }))).toEqual([]);
  });
});

describe("a verdict", () => {
  test("is given once: the same one again is the same, another one is refused", async ({ rig }) => {
    const steps = await underReview(rig);
    await settle(steps, "not-sent");
    const before = await rig.dump();
    await settle(steps, "not-sent");
    expect(await rig.dump()).toEqual(before);
    await expect(settle(steps, "sent")).rejects.toMatchObject({
      code: "ILLEGAL_MOVE",
      details: { allowed: [] },
    });
    await expect(settle(steps, "not-sent", { msgId: "9" })).rejects.toMatchObject({ code: "ILLEGAL_MOVE" });
    await expect(settle(steps, "sent", {}, 2)).rejects.toMatchObject({ code: "ILLEGAL_MOVE" });
  });

  test("stands in the audit log, as does the campaign that was made of it", async ({ rig }) => {
    const steps = await underReview(rig);
    await settle(steps, "not-sent", { sendAgain: true });
    const { items } = await steps.review.audit.list(account, { limit: 10 });
    expect(items).toMatchObject([
      {
        act: "send-again",
        campaign: "offer",
        who: "ops",
        details: { campaign: "offer-again-1", batches: 1 },
      },
      { act: "review", campaign: "offer", batch: 1, ...by, details: { verdict: "not-sent" } },
    ]);
  });

  test("lets the others of a held campaign go", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.campaign("offer", "list", { hold: "first-batch" });
    steps.answers.push(lost);
    await steps.batch("offer", 1);
    rig.clock.advance(23 * hour + minute);
    await steps.batch("offer", 1);
    await steps.campaign("offer");
    expect((await steps.shown("offer")).waits).toEqual(["first-batch", "a person"]);
    await settle(steps, "sent");
    await steps.campaign("offer");
    expect((await steps.shown("offer")).waits).toBeUndefined();
    expect(await steps.fate("offer", 2)).toBe("accepted");
  });
});
