import { describe, expect } from "vitest";
import { createContents } from "../../src/store/contents.ts";
import { createReviews } from "../../src/store/reviews.ts";
import { createSendAgain } from "../../workers/send-again.ts";
import type { Steps } from "./errcode-rig.ts";
import { createLife, RETENTION_MS } from "./retire-rig.ts";
import { by, failedBesideReview, lives, sentAgainInVain, underReview } from "./review-rig.ts";
import { account, hour, test } from "./rig.ts";

const verdict = (steps: Steps) =>
  steps.review.settle("offer", 1, { verdict: "not-sent", by, sendAgain: true });

describe("a repeated verdict that sends again", () => {
  test("answers with the same campaign and changes nothing, nor does sending the rest", async ({ rig }) => {
    const steps = await underReview(rig);
    const { again } = await verdict(steps);
    const before = await rig.dump();
    expect((await verdict(steps)).again).toEqual(again);
    await expect(steps.review.sendAgain("offer", {}, by)).rejects.toMatchObject({
      code: "NOTHING_LEFT",
      message: "There is nobody to send it to again: it was sent again as offer-again-1.",
    });
    expect(await rig.dump()).toEqual(before);
    const { items } = await steps.review.audit.list(account, { limit: 10 });
    expect(items.map(({ act }) => act)).toEqual(["send-again", "review"]);
  });

  test("answers with the same campaign though that was canceled before its plan", async ({ rig }) => {
    const steps = await sentAgainInVain(rig);
    const { again } = await verdict(steps);
    expect(again).toEqual({ id: "offer-again-1", state: "canceled", batches: [1], partly: [] });
    expect(await rig.campaigns.find("offer-again-2")).toBeUndefined();
  });

  test("answers with one campaign, told to both, when another has made it in its midst", async ({ rig }) => {
    const steps = await underReview(rig);
    await steps.review.settle("offer", 1, { verdict: "not-sent", by });
    const reviews = createReviews(rig.redis, rig.keys);
    const first: unknown[] = [];
    const claimAgain: typeof reviews.claimAgain = async (...given) => {
      first.push((await verdict(steps)).again);
      return reviews.claimAgain(...given);
    };
    const { sendAgain } = createSendAgain({
      ...{ ...rig, takeIn: steps.takeIn, reviews: { ...reviews, claimAgain } },
      contents: createContents(rig.redis, rig.keys),
    });
    expect([await sendAgain("offer", { batch: 1 }, by)]).toEqual(first);
    const { items } = await steps.review.audit.list(account, { limit: 10 });
    expect(items.filter(({ act }) => act === "send-again")).toHaveLength(1);
  });

  test("makes nothing anew once what was made is past its retention", async ({ rig }) => {
    const steps = await failedBesideReview(rig);
    const ofSecond = () => steps.review.sendAgain("offer", { batch: 2 }, by);
    await ofSecond();
    await lives(steps, "offer-again-1");
    rig.clock.advance(RETENTION_MS + hour);
    expect(await createLife(rig).retire()).toMatchObject({ campaigns: 1 });
    const told = "There is nobody to send it to again: it was sent again as offer-again-1.";
    await expect(ofSecond()).rejects.toMatchObject({ code: "NOTHING_LEFT", message: told });
    // Nor where somebody else has that id now.
    const message = { msgtype: "text", text: { content: "Hi" } };
    await steps.takeIn("offer-again-1" as never, { account, message, audience: { type: "all" } });
    await expect(ofSecond()).rejects.toMatchObject({ code: "NOTHING_LEFT", message: told });
  });
});
