import { describe, expect } from "vitest";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { idOf } from "../../src/store/keys.ts";
import { createAnnounce } from "../../workers/announce.ts";
import { createDeliver } from "../../workers/callback.ts";
import { createCampaignStep } from "../../workers/campaign.ts";
import { createReconcile } from "../../workers/reconcile.ts";
import { createSchedule } from "../../workers/schedule.ts";
import { createWake } from "../../workers/wake.ts";
import { giveBackOf, job, openid, planOf, readmitOf, takeIn } from "./plan-rig.ts";
import { account, minute, type Rig, second, test, timing, trouble } from "./rig.ts";
import { batchStepOf, createStillQueues, lookAgain, settleOf, silent, view } from "./step-rig.ts";

const everybody = (count: number, from = 0) => Array.from({ length: count }, (_, at) => openid(from + at));
const used = (rig: Rig, month: string, at: number) => rig.caps.used({ account, month }, openid(at));

/** A campaign of two batches whose first call may be made. */
async function planTwo(rig: Rig, change: Parameters<typeof takeIn>[3] = {}): Promise<Campaign> {
  const campaign = await planOf(rig)(await takeIn(rig, "offer", everybody(20_000), change), job);
  rig.clock.advance(10 * second);
  return campaign;
}

const firstOf = ({ id }: Campaign) => ({ account, campaign: id, number: 1 });

describe("a crash in a call", () => {
  test("lets the batch's job sleep until the call has settled, though the batch has the turn", async ({
    rig,
  }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    const wish = await batchStepOf(rig)({ ...view, id: idOf(batch), data: batch });
    if (wish.kind !== "sleep") throw new Error("it does not sleep");
    expect(wish.delayMs).toBe(timing.settleMs);
    expect(await wish.changed()).toBe(false);
  });
});

describe("a pause that comes in the moment in which a campaign is due", () => {
  test("leaves it scheduled, to start when it is resumed", async ({ rig }) => {
    const campaign = await takeIn(rig, "offer", everybody(5), { startAt: rig.clock.now() + minute });
    rig.clock.advance(minute);
    const campaigns: typeof rig.campaigns = {
      ...rig.campaigns,
      comeDue: async (...of) => {
        await rig.moves.pause(campaign);
        return rig.campaigns.comeDue(...of);
      },
    };
    const stepOf = (parts: Rig) =>
      createCampaignStep({
        prepare: async () => rig.campaigns.get(campaign),
        makeContent: async (taken) => taken,
        schedule: createSchedule(parts),
        gather: async (started) => started,
        plan: planOf(rig),
        settle: settleOf(rig).settle,
        count: async () => undefined,
        announce: createAnnounce({ ...parts, queues: createStillQueues().queues }),
      });
    expect(await stepOf({ ...rig, campaigns })(view)).toMatchObject({ kind: "sleep" });
    expect((await rig.campaigns.get(campaign)).state).toBe("scheduled");
    await rig.moves.resume(campaign, { from: "paused", lift: false }, rig.clock.now());
    await stepOf(rig)(view);
    expect(await rig.campaigns.get(campaign)).toMatchObject({ state: "sending", planned: 1 });
  });
});

describe("a readmission", () => {
  test("overtaken by a cancel gives the one who was left alone back once", async ({ rig }) => {
    rig.clock.set(Date.parse("2031-03-31T12:00:00+08:00"));
    const campaign = await planOf(rig)(await takeIn(rig, "offer", everybody(5)), job);
    rig.clock.set(Date.parse("2031-04-01T00:00:01+08:00"));
    for (const time of [1, 2, 3, 4]) await planOf(rig)(await takeIn(rig, `fill-${time}`, everybody(4)), job);
    for (const time of [1, 2]) await planOf(rig)(await takeIn(rig, `other-${time}`, everybody(3, 4)), job);
    const reservations: typeof rig.reservations = {
      ...rig.reservations,
      readmitBatch: async (...of) => {
        await rig.moves.cancel(campaign, "CANCELED");
        await rig.drop(firstOf(campaign));
        return rig.reservations.readmitBatch(...of);
      },
    };
    await readmitOf({ ...rig, reservations })(campaign, await rig.get(firstOf(campaign)), job);
    await giveBackOf(rig)(await rig.campaigns.get(campaign), await rig.batches.of(campaign));
    expect(await used(rig, "2031-04", 4)).toBe(2);
  });

  test("is called only when it outlives a power loss", async ({ rig }) => {
    rig.clock.set(Date.parse("2031-03-31T12:00:00+08:00"));
    const campaign = await planOf(rig)(await takeIn(rig, "offer", everybody(6)), job);
    rig.clock.set(Date.parse("2031-04-01T00:00:01+08:00"));
    const until = rig.clock.now() + 2_000;
    await readmitOf(rig, { durableAfterMs: 2_000 })(campaign, await rig.get(firstOf(campaign)), job);
    expect(await rig.begin(firstOf(campaign))).toMatchObject({ word: "wait", reason: "backoff", until });
    rig.clock.set(until);
    expect((await rig.begin(firstOf(campaign))).word).toBe("go");
  });
});

describe("a hold", () => {
  test("is looked at soon when the result comes right behind another wake", async ({ rig }) => {
    const campaign = await planTwo(rig, { hold: "first-batch" });
    const batch = firstOf(campaign);
    const still = createStillQueues();
    const settle = settleOf(rig, still);
    let sleepsUntil = 0;
    const run = async () => {
      const wish = await lookAgain(rig, campaign, settle);
      if (wish.kind === "sleep") sleepsUntil = rig.clock.now() + wish.delayMs;
    };
    const wakeCampaign = async () => {
      sleepsUntil = rig.clock.now();
    };
    const wake = createWake({
      queues: { ...still.queues, wakeCampaign },
      batches: rig.batches,
      clock: rig.clock,
    });
    await run();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await run();
    await wake.campaign(batch, 2);
    await run();
    rig.clock.advance(300);
    await rig.end(batch);
    await wake.campaign(batch, 1);
    expect(sleepsUntil - rig.clock.now()).toBeLessThanOrEqual(second);
  });

  test("is looked at when a late callback overrides the give-up of the first batch", async ({ rig }) => {
    const campaign = await planTwo(rig, { hold: "first-batch" });
    const batch = firstOf(campaign);
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, { state: "needs_review", by: "give-up" });
    const { queues, woken } = createStillQueues();
    const wake = createWake({ queues, batches: rig.batches, clock: rig.clock });
    const others = { passEvent: async () => {}, correct: async () => {}, log: silent };
    const deliver = createDeliver({ ...rig, wake, ...others });
    await deliver(account, {
      ...{ kind: "mass-result", msgId: "1000", status: "success", rawStatus: "send success" },
      articleUrls: [],
    });
    expect(await rig.state(batch)).toBe("succeeded");
    expect(woken).toContain(campaign.id);
  });

  test("ends with its first batch when the account's trouble has lasted too long", async ({ rig }) => {
    const campaign = await planTwo(rig, { hold: "first-batch" });
    const end = { state: "failed", by: "account", trouble, leaseMs: timing.leaseMs } as const;
    await rig.batches.drop(firstOf(campaign), { ...end, now: rig.clock.now() });
    expect(await lookAgain(rig, campaign)).toMatchObject({
      ...{ kind: "done", value: { state: "failed", reason: "ACCOUNT", batches: { failed: 2 } } },
    });
  });
});

describe("a canceled campaign", () => {
  test("gives back what was not sent while a batch that WeChat has is followed", async ({ rig }) => {
    const campaign = await planTwo(rig);
    await rig.go(firstOf(campaign));
    await rig.accept(firstOf(campaign), "1000");
    await rig.moves.cancel(campaign, "CANCELED");
    expect(await lookAgain(rig, campaign)).toMatchObject({ kind: "sleep" });
    expect(await rig.caps.histogram({ account, month: "2031-03" })).toMatchObject({ users: { 1: 10_000 } });
  });
});

describe("a result that came after the end, and a crash behind it", () => {
  test("is made up for by the reconciler: the report and the reservations follow", async ({ rig }) => {
    const campaign = await planOf(rig)(await takeIn(rig, "offer", everybody(5)), job);
    const batch = firstOf(campaign);
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, { state: "failed", by: "poll" });
    expect((await lookAgain(rig, campaign)).kind).toBe("done");
    await rig.end(batch, {
      ...{ state: "failed", by: "callback", counts: { total: 5, filtered: 0, sent: 0, failed: 5 } },
    });
    const reconcile = createReconcile({
      ...rig,
      ...{ accounts: [account], queues: createStillQueues().queues, leaseMs: timing.leaseMs, log: silent },
      correct: settleOf(rig).correct,
    });
    await reconcile();
    expect((await rig.campaigns.get(campaign)).report?.recipients.failed).toBe(5);
    expect(await used(rig, "2031-03", 1)).toBe(0);
    expect(await rig.campaigns.open(account)).toEqual([]);
  });
});
