import { expect } from "vitest";
import type { MassResult } from "../../src/wechat/events.ts";
import { openSteps, type Steps } from "./errcode-rig.ts";
import { account, hour, minute, type Rig } from "./rig.ts";

/** An answer that leaves a call in doubt. */
export const lost = { errcode: -1, errmsg: "system error" };
export const counts = { total: 2, filter: 2, sent: 2, error: 0 };
export const by = { who: "ops", why: "seen in the console" };

export const result = (msgId: string, change: Partial<MassResult> = {}): MassResult => ({
  ...{ kind: "mass-result", msgId, status: "success", rawStatus: "send success", counts, articleUrls: [] },
  ...change,
});

/** A campaign of two batches; of the first every answer was lost, the second has succeeded; it has ended. */
export async function underReview(rig: Rig, more: object = {}): Promise<Steps> {
  const steps = openSteps(rig);
  await steps.campaign("offer", "list", more);
  steps.answers.push(lost);
  await steps.batch("offer", 1);
  rig.clock.advance(minute);
  const second = (await steps.batch("offer", 2)).msgId;
  await steps.deliver(account, result(second ?? ""));
  rig.clock.advance(23 * hour);
  expect(await steps.batch("offer", 1)).toMatchObject({ state: "needs_review", closedBy: "resend-window" });
  await steps.campaign("offer");
  expect(await steps.shown("offer")).toMatchObject({ state: "partly_completed" });
  return steps;
}

/** A campaign of whose two batches one failed, and the other may have reached some. */
export async function partlySent(rig: Rig): Promise<Steps> {
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

/** A campaign of two batches; the first is under review, the second has failed; it has ended. */
export async function failedBesideReview(rig: Rig): Promise<Steps> {
  const steps = openSteps(rig);
  await steps.campaign("offer");
  steps.answers.push(lost);
  await steps.batch("offer", 1);
  rig.clock.advance(minute);
  const { msgId = "" } = await steps.batch("offer", 2);
  await steps.deliver(account, result(msgId, { status: "fail", counts: { ...counts, sent: 0, error: 2 } }));
  rig.clock.advance(23 * hour);
  expect(await steps.batch("offer", 1)).toMatchObject({ state: "needs_review" });
  await steps.campaign("offer");
  return steps;
}

/** The first batch under review did not go out; the campaign that was to send to it again was canceled before its plan. */
export async function sentAgainInVain(rig: Rig): Promise<Steps> {
  const steps = await underReview(rig);
  await steps.review.settle("offer", 1, { verdict: "not-sent", by });
  await steps.review.sendAgain("offer", {}, by);
  await steps.moves.campaign("offer-again-1", "cancel", by);
  await steps.campaign("offer-again-1");
  return steps;
}

/** Sends a campaign of one batch, which succeeds. */
export async function lives(steps: Steps, id: string): Promise<void> {
  await steps.campaign(id);
  const { msgId = "" } = await steps.batch(id);
  await steps.deliver(account, result(msgId));
  await steps.campaign(id);
}
