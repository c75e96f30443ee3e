import { describe, expect } from "vitest";
import { createContents } from "../../src/store/contents.ts";
import { createReviews } from "../../src/store/reviews.ts";
import { createSendAgain } from "../../workers/send-again.ts";
import { breakOnce } from "./broken-link.ts";
import { openSteps, type Steps } from "./errcode-rig.ts";
import { createLife, RETENTION_MS } from "./retire-rig.ts";
import {
  by,
  counts,
  failedBesideReview,
  lives,
  partlySent,
  result,
  sentAgainInVain,
  underReview,
} from "./review-rig.ts";
import { account, hour, type Rig, test } from "./rig.ts";

const notSent = { verdict: "not-sent", by } as const;

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
    await expect(done.review.sendAgain("settled", {}, by)).rejects.toMatchObject({
      code: "NOTHING_LEFT",
      message: "There is nobody to send it to again: no batch of it failed or was canceled.",
    });
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

  test("that a crash has cut short is told with those whom the repeat leaves out", async ({ rig }) => {
    const steps = await partlySent(rig);
    const campaign = await rig.campaigns.get({ account, id: "offer" as never });
    await createReviews(rig.redis, rig.keys).claimAgain(campaign, { numbers: [2] }, by, rig.clock.now());
    const told = await steps.review.sendAgain("offer", { partly: true }, by);
    expect(told).toMatchObject({ id: "offer-again-1", batches: [2], partly: [1] });
  });

  test("is one campaign of one list when two people ask for it at once", async ({ rig }) => {
    const steps = await underReview(rig);
    await steps.review.settle("offer", 1, notSent);
    const sendAgain = (lists: Pick<Rig["lists"], "store" | "remove">) =>
      createSendAgain({
        ...{ ...rig, lists, takeIn: steps.takeIn },
        contents: createContents(rig.redis, rig.keys),
        reviews: createReviews(rig.redis, rig.keys),
      }).sendAgain("offer", {}, by);
    const told: unknown[] = [];
    const store: Rig["lists"]["store"] = async (...given) => {
      const list = await rig.lists.store(...given);
      told.push(await sendAgain(rig.lists));
      rig.clock.advance(1);
      return list;
    };
    told.push(await sendAgain({ ...rig.lists, store }));
    const once = { id: "offer-again-1", state: "preparing", batches: [1], partly: [] };
    expect(told).toEqual([once, once]);
    expect(await rig.redis.zcard(rig.keys.storedLists)).toBe(1);
  });

  test("is nobody who certainly got nothing: the refusal says whose are left, and why", async ({ rig }) => {
    const steps = await partlySent(rig);
    const rest = () => steps.review.sendAgain("offer", {}, by);
    const partly = "a failed batch may have reached some of its people, and only partly takes it too";
    const failure = (why: string) => ({
      code: "NOTHING_LEFT",
      message: `There is nobody to send it to again: ${why}.`,
    });
    await rest();
    await expect(rest()).rejects.toMatchObject(failure(`it was sent again as offer-again-1; ${partly}`));
    await steps.review.sendAgain("offer", { partly: true }, by);
    await expect(rest()).rejects.toMatchObject(failure("it was sent again as offer-again-2, offer-again-1"));
  });

  test("leaves no list behind when it is refused", async ({ rig }) => {
    const steps = await underReview(rig);
    await steps.review.settle("offer", 1, notSent);
    await rig.setCampaign("offer", { notifyUrl: "https://example.com/" });
    const unsigned = openSteps({ ...rig, notifyFault: () => "nothing signs it" });
    await expect(unsigned.review.sendAgain("offer", {}, by)).rejects.toMatchObject({ code: "BAD_CAMPAIGN" });
    expect(await rig.redis.zcard(rig.keys.storedLists)).toBe(0);
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
    const steps = await sentAgainInVain(rig);
    expect(await steps.shown("offer-again-1")).toMatchObject({ state: "canceled" });
    expect(await steps.review.sendAgain("offer", {}, by)).toMatchObject({
      id: "offer-again-2",
      batches: [1],
    });
  });

  test("may be sent again though that campaign is past its retention", async ({ rig }) => {
    const steps = await failedBesideReview(rig);
    await steps.review.sendAgain("offer", {}, by);
    await steps.moves.campaign("offer-again-1", "cancel", by);
    await steps.campaign("offer-again-1");
    rig.clock.advance(RETENTION_MS + hour);
    expect(await createLife(rig).retire()).toMatchObject({ campaigns: 1 });
    expect(await steps.review.sendAgain("offer", {}, by)).toMatchObject({
      id: "offer-again-2",
      batches: [2],
    });
  });
});

describe("sending again when the connection breaks", () => {
  test.for(["settling", "claiming"])(
    "and the command of %s comes twice, does it once",
    async (what, { rig }) => {
      const link = breakOnce(rig.redis, what === "settling" ? '"verdict":"not-sent"' : "-again-");
      const steps = await underReview({ ...rig, redis: link.redis });
      const told = await steps.review.settle("offer", 1, { ...notSent, sendAgain: true });
      expect(told).toMatchObject({
        batch: { state: "failed" },
        again: { id: "offer-again-1", batches: [1] },
      });
      expect(await rig.campaigns.find("offer-again-1")).toMatchObject({ againOf: "offer" });
      expect(link.hasBroken()).toBe(true);
    },
  );

  test("as the last word of it is noted, sends to nobody a second time once it is retired", async ({
    rig,
  }) => {
    const steps = await failedBesideReview(rig);
    const reviews = createReviews(rig.redis, rig.keys);
    const finishAgain = () => Promise.reject(new Error("Connection is closed."));
    const cut = createSendAgain({
      ...{ ...rig, takeIn: steps.takeIn, reviews: { ...reviews, finishAgain } },
      contents: createContents(rig.redis, rig.keys),
    });
    await expect(cut.sendAgain("offer", {}, by)).rejects.toThrow("Connection is closed.");
    await lives(steps, "offer-again-1");
    rig.clock.advance(RETENTION_MS + hour);
    expect(await createLife(rig).retire()).toMatchObject({ campaigns: 1 });
    expect(await rig.campaigns.find("offer-again-1")).toBeUndefined();
    await expect(steps.review.sendAgain("offer", {}, by)).rejects.toMatchObject({ code: "NOTHING_LEFT" });
  });

  test("and what was made is removed in the midst of a repeat, sends to nobody a second time", async ({
    rig,
  }) => {
    const steps = await failedBesideReview(rig);
    const parts = { ...rig, takeIn: steps.takeIn, contents: createContents(rig.redis, rig.keys) };
    const reviews = createReviews(rig.redis, rig.keys);
    const finishAgain = () => Promise.reject(new Error("Connection is closed."));
    const cut = createSendAgain({ ...parts, reviews: { ...reviews, finishAgain } });
    await expect(cut.sendAgain("offer", {}, by)).rejects.toThrow("Connection is closed.");
    await lives(steps, "offer-again-1");
    rig.clock.advance(RETENTION_MS + hour);
    let removed = 0;
    const of: Rig["batches"]["of"] = async (campaign) => {
      const all = await rig.batches.of(campaign);
      removed += (await createLife(rig).retire()).campaigns;
      return all;
    };
    const racing = createSendAgain({ ...parts, reviews, batches: { of } });
    await expect(racing.sendAgain("offer", {}, by)).rejects.toMatchObject({ code: "NOTHING_LEFT" });
    expect(removed).toBe(1);
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
