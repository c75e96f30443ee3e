import { describe, expect } from "vitest";
import { createReviews } from "../../src/store/reviews.ts";
import { openSteps, type Steps } from "./errcode-rig.ts";
import { by, counts, result, underReview } from "./review-rig.ts";
import { account, type Rig, test } from "./rig.ts";

describe("the rest of a campaign", () => {
  test("is everybody of its failed and canceled batches, in one campaign", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.campaign("offer");
    const { msgId = "" } = await steps.batch("offer", 1);
    await steps.moves.campaign("offer", "cancel", by);
    await steps.campaign("offer");
    await steps.deliver(account, result(msgId, { status: "fail", counts: { ...counts, sent: 0, error: 2 } }));
    await steps.campaign("offer");
    expect(await steps.shown("offer")).toMatchObject({ state: "canceled" });
    const again = await steps.review.sendAgain("offer", {}, by);
    expect(again).toMatchObject({ id: "offer-again-1", batches: [1, 2], partly: [] });
    await steps.campaign("offer-again-1");
    expect(await rig.campaigns.get({ account, id: "offer-again-1" as never })).toMatchObject({
      audience: { received: 4, admitted: 4 },
    });
  });

  test("leaves out whom WeChat may have sent to already, unless that is asked for", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.campaign("offer");
    const ids = [await steps.batch("offer", 1), await steps.batch("offer", 2)].map(({ msgId = "" }) => msgId);
    const [first = "", second = ""] = ids;
    await steps.deliver(account, result(first, { status: "fail", counts: { ...counts, sent: 1, error: 1 } }));
    await steps.deliver(
      account,
      result(second, { status: "fail", counts: { ...counts, sent: 0, error: 2 } }),
    );
    await steps.campaign("offer");
    expect(await steps.review.sendAgain("offer", {}, by)).toMatchObject({ batches: [2], partly: [1] });
    expect(await steps.review.sendAgain("offer", { partly: true }, by)).toMatchObject({
      ...{ id: "offer-again-2", batches: [1], partly: [] },
    });
  });

  test("is not known before its end, and there may be none", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.campaign("offer");
    await expect(steps.review.sendAgain("offer", {}, by)).rejects.toMatchObject({
      ...{ code: "ILLEGAL_MOVE", details: { allowed: ["pause", "cancel"] } },
    });
    await expect(steps.review.sendAgain("nowhere", {}, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const done = await everybodyGotIt(rig);
    await expect(done.review.sendAgain("settled", {}, by)).rejects.toMatchObject({ code: "NOTHING_LEFT" });
  });

  test("that a crash has cut short is made by the repeat, under the same id", async ({ rig }) => {
    const steps = await underReview(rig);
    await steps.review.settle("offer", 1, { verdict: "not-sent", by });
    const campaign = await rig.campaigns.get({ account, id: "offer" as never });
    const { claimAgain } = createReviews(rig.redis, rig.keys);
    expect(await claimAgain(campaign, { numbers: [1] }, by, rig.clock.now())).toBe("offer-again-1");
    expect(await steps.review.sendAgain("offer", {}, by)).toMatchObject({
      id: "offer-again-1",
      batches: [1],
    });
    expect(await rig.campaigns.find("offer-again-1")).toBeDefined();
    await expect(steps.review.sendAgain("offer", {}, by)).rejects.toMatchObject({ code: "NOTHING_LEFT" });
  });

  test("that a crash has cut short is made whole, whatever the repeat asks for", async ({ rig }) => {
    const steps = await partlySent(rig);
    const campaign = await rig.campaigns.get({ account, id: "offer" as never });
    const { claimAgain } = createReviews(rig.redis, rig.keys);
    await claimAgain(campaign, { numbers: [1, 2] }, by, rig.clock.now());
    expect(await steps.review.sendAgain("offer", {}, by)).toMatchObject({ batches: [1, 2] });
    await steps.campaign("offer-again-1");
    expect(await rig.campaigns.find("offer-again-1")).toMatchObject({ audience: { received: 4 } });
  });

  test("is not taken for a campaign of somebody else's that has its id", async ({ rig }) => {
    const steps = await underReview(rig);
    await steps.campaign("offer-again-1", "tag");
    await steps.review.settle("offer", 1, { verdict: "not-sent", by });
    expect(await steps.review.sendAgain("offer", {}, by)).toMatchObject({
      id: "offer-again-2",
      batches: [1],
    });
    await steps.campaign("offer-again-2");
    expect(await rig.campaigns.find("offer-again-2")).toMatchObject({
      ...{ againOf: "offer", audience: { received: 2, admitted: 2 } },
    });
    expect(await rig.campaigns.find("offer-again-1")).toMatchObject({ segment: { type: "tag" } });
  });

  test("of two campaigns whose long ids begin alike is not mixed up", async ({ rig }) => {
    const steps = openSteps(rig);
    const ids = ["a", "b"].map((end) => `${"x".repeat(120)}${end}`);
    const made = [];
    for (const id of ids) {
      await steps.campaign(id);
      await steps.moves.campaign(id, "cancel", by);
      await steps.campaign(id);
      made.push(await steps.review.sendAgain(id, {}, by));
    }
    expect(new Set(made.map(({ id }) => id)).size).toBe(2);
    const again = await Promise.all(made.map(({ id }) => rig.campaigns.find(id)));
    expect(again.map((one) => one?.againOf)).toEqual(ids);
  });

  test("may be sent again when the campaign that was to do so has ended before anybody was planned", async ({
    rig,
  }) => {
    const steps = await underReview(rig);
    await steps.review.settle("offer", 1, { verdict: "not-sent", by });
    await steps.review.sendAgain("offer", {}, by);
    await steps.moves.campaign("offer-again-1", "cancel", by);
    await steps.campaign("offer-again-1");
    expect(await steps.shown("offer-again-1")).toMatchObject({ state: "canceled" });
    expect(await steps.review.sendAgain("offer", {}, by)).toMatchObject({
      id: "offer-again-2",
      batches: [1],
    });
  });
});

/** A campaign in which everybody got the message. */
async function everybodyGotIt(rig: Rig): Promise<Steps> {
  const steps = openSteps(rig);
  await steps.campaign("settled");
  for (const number of [1, 2]) {
    const { msgId = "" } = await steps.batch("settled", number);
    await steps.deliver(account, result(msgId));
  }
  await steps.campaign("settled");
  return steps;
}

/** A campaign of whose two batches one failed, and the other may have reached some. */
async function partlySent(rig: Rig): Promise<Steps> {
  const steps = openSteps(rig);
  await steps.campaign("offer");
  for (const [number, sent] of [
    [1, 1],
    [2, 0],
  ] as const) {
    const { msgId = "" } = await steps.batch("offer", number);
    await steps.deliver(
      account,
      result(msgId, { status: "fail", counts: { ...counts, sent, error: 2 - sent } }),
    );
  }
  await steps.campaign("offer");
  return steps;
}
