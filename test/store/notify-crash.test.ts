import { describe, expect } from "vitest";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { QUEUE } from "../../src/queues/queues.ts";
import { createReconcile } from "../../workers/reconcile.ts";
import { test as jobTest } from "./job-rig.ts";
import { createNotifyRig } from "./notify-rig.ts";
import { everybody, RETENTION_MS } from "./retire-rig.ts";
import { account, first, hour, type Rig, second, test, timing } from "./rig.ts";
import { createStillQueues, settleOf, silent } from "./step-rig.ts";

/** One run of the reconciler; answers the jobs that it gave back. */
async function reconcile(rig: Rig): Promise<string[]> {
  const { queues, woken } = createStillQueues();
  const run = createReconcile({
    ...rig,
    ...{ accounts: [account], queues, leaseMs: timing.leaseMs, log: silent },
    correct: settleOf(rig).correct,
  });
  await run();
  return woken;
}

describe("a worker that dies", () => {
  test("between the report and the job of its message leaves that to the reconciler", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close();
    expect(await reconcile(rig)).toEqual(["offer~1"]);
    await told.runToEnd();
    expect(await reconcile(rig)).toEqual([]);
  });

  test("in an attempt leaves a message that is sent again under the same id", async ({ rig }) => {
    let isAlive = false;
    const { notifications } = rig;
    const told = createNotifyRig(rig, {
      notifications: {
        ...notifications,
        note: async (...of) => {
          if (!isAlive) throw new Error("crash");
          return notifications.note(...of);
        },
      },
    });
    await told.close();
    await expect(told.run()).rejects.toThrow("crash");
    expect(await told.due()).toEqual([told.address()]);
    isAlive = true;
    await told.runToEnd();
    expect(told.got).toHaveLength(2);
    expect(told.got[1]?.id).toBe(told.got[0]?.id);
    expect(await told.shown()).toMatchObject({ state: "delivered", attempts: 1 });
  });

  test("before it tells anybody is made up for by whoever sees the report", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close();
    expect(await told.announce()).toEqual(["offer~1"]);
    await told.runToEnd();
    expect(await told.announce()).toEqual([]);
  });
});

describe("the end of its campaign's retention", () => {
  test("waits for a message that is tried still, and no longer than two days", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close();
    const { retireWith } = told.life;
    const retire = retireWith({ retentionMs: second });
    rig.clock.advance(47 * hour);
    expect(await retire()).toMatchObject({ campaigns: 0 });
    rig.clock.advance(2 * hour);
    expect(await retire()).toMatchObject({ campaigns: 1 });
    expect(await told.due()).toEqual([]);
    expect((await told.life.keys()).filter((key) => key.includes("offer"))).toEqual([]);
    expect(await told.run()).toEqual({ kind: "done", value: "over" });
    expect(told.got).toEqual([]);
  });

  test("comes as soon as the message has come to its end", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close();
    await told.runToEnd();
    rig.clock.advance(second);
    expect(await told.life.retireWith({ retentionMs: second })()).toMatchObject({ campaigns: 1 });
  });

  test("passes by a correction that comes in its midst, and so loses no message", async ({ rig }) => {
    const told = createNotifyRig(rig);
    const [batch] = await told.life.plan("offer", everybody(2), { notifyUrl: "https://example.org/" });
    await rig.go(first([batch].flatMap((one) => one ?? [])));
    if (!batch) throw new Error("no batch");
    await rig.accept(batch, "1000");
    await rig.end(batch, { by: "poll" });
    await told.life.follow("offer");
    await rig.notifications.note(told.address(), { state: "delivered", status: 200 }, rig.clock.now());
    rig.clock.advance(RETENTION_MS);
    // Its result is there before the look, and is added up behind it.
    await rig.end(batch, { counts: { total: 2, filtered: 0, sent: 2, failed: 0 } });
    const { retirement, settle, retireWith, get } = told.life;
    const meeting = retireWith({
      retirement: {
        ...retirement,
        remove: async (...of) => {
          await settle.correct(await get("offer"));
          return retirement.remove(...of);
        },
      },
    });
    expect(await meeting()).toMatchObject({ campaigns: 0 });
    expect(await told.due()).toEqual([told.address("offer", 2)]);
    expect(await rig.redis.exists(rig.keys.retiring)).toBe(0);
  });
});

describe("the job of a message", () => {
  const data = { account: "acme", campaign: "offer" as CampaignId, revision: 1 };
  const open = async () => true;

  jobTest("is added once, and anew when it had ended while its message is due", async ({ rig }) => {
    const notify = rig.queues.all.find(({ name }) => name === QUEUE.notify);
    if (!notify) throw new Error("no such queue");
    expect(await rig.queues.restoreNotification(data, open)).toBe(true);
    expect(await rig.queues.restoreNotification(data, open)).toBe(false);
    expect((await notify.getJob("offer~1"))?.data).toEqual(data);
    await rig.work(async () => ({ kind: "done", value: "over" }), { queue: QUEUE.notify });
    await expect.poll(async () => notify.getJobState("offer~1")).toBe("completed");
    expect(await rig.queues.restoreNotification(data, async () => false)).toBe(false);
    expect(await rig.queues.restoreNotification(data, open)).toBe(true);
  });
});
