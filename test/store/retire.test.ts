import { describe, expect } from "vitest";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { createLife, day, everybody, type Life, RETENTION_MS } from "./retire-rig.ts";
import { account, first, type Rig, test } from "./rig.ts";

const crash = async () => {
  throw new Error("crash");
};

/** What a campaign has of its own, in a ledger with no other. */
const ofCampaign = async (life: Life) =>
  (await life.keys()).filter((key) => /campaign|message|ended/.test(key));

describe("a campaign stays", () => {
  test("as it is until the last millisecond of its retention, and then goes", async ({ rig }) => {
    const life = createLife(rig);
    await life.lived("offer", "1000");
    const before = await rig.dump();
    rig.clock.advance(RETENTION_MS - 1);
    expect(await life.retire()).toMatchObject({ campaigns: 0 });
    expect(await rig.dump()).toEqual(before);
    rig.clock.advance(1);
    expect(await life.retire()).toMatchObject({ campaigns: 1 });
    expect(await ofCampaign(life)).toEqual([]);
    expect(await rig.campaigns.find("offer")).toBeUndefined();
    expect((await rig.lookup.list({ limit: 50 })).items).toEqual([]);
  });

  test.for<[string, (rig: Rig, life: Life) => Promise<unknown>]>([
    [
      "scheduled",
      (_, life) => life.takeIn("offer", everybody(2), { schedule: { startAt: "2039-01-01T00:00Z" } }),
    ],
    ["in preparation", (_, life) => life.takeIn("offer", everybody(2))],
    ["planned", (_, life) => life.plan("offer", everybody(2))],
    [
      "paused",
      async (rig, life) => {
        await life.plan("offer", everybody(2));
        await rig.moves.pause(await life.get("offer"));
      },
    ],
    [
      "accepted and never answered for",
      async (rig, life) => {
        const batch = first(await life.plan("offer", everybody(2)));
        await rig.go(batch);
        await rig.accept(batch, "1000");
      },
    ],
    [
      "canceled, with a batch whose result is to come",
      async (rig, life) => {
        const batch = first(await life.plan("offer", everybody(2)));
        await rig.go(batch);
        await rig.accept(batch, "1000");
        await rig.moves.cancel(await life.get("offer"), "CANCELED");
        await life.follow("offer");
      },
    ],
    [
      "ended, with a batch under review",
      async (rig, life) => {
        const batch = first(await life.plan("offer", everybody(2)));
        await rig.refuse(batch, await rig.go(batch), "review");
        expect(await life.follow("offer")).toBe("partly_completed");
      },
    ],
  ])("for ever while it is %s", async ([_state, live], { rig }) => {
    const life = createLife(rig);
    await live(rig, life);
    const before = await rig.dump();
    for (let year = 0; year < 5; year++) {
      rig.clock.advance(366 * day);
      expect(await life.retire()).toMatchObject({ campaigns: 0 });
    }
    expect(await rig.dump()).toEqual(before);
  });
});

describe("its retention", () => {
  test("begins when the last batch under review is settled", async ({ rig }) => {
    const life = createLife(rig);
    const batch = first(await life.plan("offer", everybody(2)));
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, { state: "needs_review", by: "give-up" });
    await life.follow("offer");
    rig.clock.advance(2 * RETENTION_MS);
    await life.comes("1000");
    expect((await life.get("offer")).state).toBe("completed");
    rig.clock.advance(RETENTION_MS - 1);
    expect(await life.retire()).toMatchObject({ campaigns: 0 });
    rig.clock.advance(1);
    expect(await life.retire()).toMatchObject({ campaigns: 1 });
  });

  test("runs on when a result corrects what a poll had said", async ({ rig }) => {
    const life = createLife(rig);
    const batch = first(await life.plan("offer", everybody(2)));
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, { by: "poll" });
    await life.follow("offer");
    rig.clock.advance(RETENTION_MS - 1);
    await life.comes("1000", "fail");
    expect((await life.get("offer")).state).toBe("failed");
    rig.clock.advance(1);
    expect(await life.retire()).toMatchObject({ campaigns: 1 });
  });

  test("ends when something brings a batch under review", async ({ rig }) => {
    const life = createLife(rig);
    const batch = first(await life.plan("offer", everybody(2)));
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, { by: "poll" });
    await life.follow("offer");
    await rig.accept(batch, "2000");
    expect(await rig.state(batch)).toBe("needs_review");
    rig.clock.advance(2 * RETENTION_MS);
    // Nobody has added it up again: the removal finds it.
    expect(await life.retire()).toMatchObject({ campaigns: 0 });
    expect((await life.get("offer")).report?.batches.needsReview).toBe(1);
    expect(await life.retirement.endedAt({ account, id: "offer" as CampaignId })).toBeUndefined();
  });

  test("runs for a campaign of an account that the accounts file names no more", async ({ rig }) => {
    const life = createLife(rig);
    await life.lived("offer", "1000");
    rig.clock.advance(RETENTION_MS);
    expect(await life.retireWith({ accounts: [] })()).toMatchObject({ campaigns: 1 });
    expect(await ofCampaign(life)).toEqual([]);
  });

  test("of one that ended unnoticed begins when it is noticed", async ({ rig }) => {
    const life = createLife(rig);
    await life.lived("offer", "1000");
    await rig.redis.del(rig.keys.ended(account));
    rig.clock.advance(RETENTION_MS);
    expect(await life.retire()).toMatchObject({ campaigns: 0 });
    rig.clock.advance(RETENTION_MS);
    expect(await life.retire()).toMatchObject({ campaigns: 1 });
  });

  test("holds for what an intake left behind that died, once its job is gone too", async ({ rig }) => {
    const life = createLife({ ...rig, campaigns: { ...rig.campaigns, create: crash } });
    await life.takeIn("died", everybody(9)).catch(() => {});
    life.jobs.add("died");
    rig.clock.advance(RETENTION_MS);
    await life.retire();
    expect(await ofCampaign(life)).not.toEqual([]);
    life.jobs.clear();
    rig.clock.advance(-1);
    await life.retire();
    expect(await ofCampaign(life)).not.toEqual([]);
    rig.clock.advance(1);
    await life.retire();
    expect(await ofCampaign(life)).toEqual([]);
  });
});

test("a run removes 100 campaigns of an account and no more, and one that can't be read holds up none", async ({
  rig,
}) => {
  const life = createLife(rig);
  for (let number = 0; number < 130; number++) {
    await life.takeIn(`offer-${number}`, everybody(1));
    await rig.moves.cancel(await life.get(`offer-${number}`), "CANCELED");
    await life.follow(`offer-${number}`);
  }
  await rig.setCampaign("offer-0", { planned: "many" });
  rig.clock.advance(RETENTION_MS);
  const removed: number[] = [];
  for (let run = 0; run < 3; run++) removed.push((await life.retire()).campaigns);
  expect(removed).toEqual([99, 30, 0]);
  expect(await rig.redis.zcard(rig.keys.campaignIndex)).toBe(1);
});

test("the mark of its place in the queue for the turn goes with it, and nothing of another campaign", async ({
  rig,
}) => {
  const life = createLife(rig);
  await rig.go(first(await life.plan("busy", everybody(2))));
  const batch = first(await life.plan("offer", everybody(2, 10)));
  expect((await rig.begin(batch)).word).toBe("wait");
  await rig.moves.cancel(await life.get("offer"), "CANCELED");
  await life.follow("offer");
  expect(await rig.redis.hkeys(rig.keys.turn(account))).toContain("last:offer");
  const busy = (await life.keys()).filter((key) => key.includes("busy"));
  rig.clock.advance(RETENTION_MS);
  await life.retire();
  expect(await rig.redis.hkeys(rig.keys.turn(account))).not.toContain("last:offer");
  expect((await life.keys()).filter((key) => key.includes("busy"))).toEqual(busy);
  expect(await rig.inDoubt()).toEqual(["busy~1"]);
});
