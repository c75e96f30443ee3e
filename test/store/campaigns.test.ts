import { describe, expect } from "vitest";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { reportOf } from "../../src/campaign/report.ts";
import { newAttempt } from "../../src/store/attempt.ts";
import { account, hour, newBatch, newCampaign, type Rig, test, trouble } from "./rig.ts";

const id = "offer" as CampaignId;
const counts = { received: 5, invalid: 1, duplicate: 1, excluded: 1, capped: 0, admitted: 2 };

describe("a campaign's id", () => {
  test("is claimed once, for one account, whoever races for it", async ({ rig }) => {
    const accounts = ["acme", "beta", "gamma", "delta"];
    const owners = await Promise.all(accounts.map((name, at) => rig.campaigns.claim(id, name, 1_000 + at)));
    expect(new Set(owners).size).toBe(1);
    expect(await rig.campaigns.claim(id, "omega", 9_000)).toBe(owners[0]);
    const at = 1_000 + accounts.indexOf(owners[0] ?? "");
    expect(await rig.campaigns.newest(undefined, 0, 10)).toEqual([{ id, at }]);
  });

  test("is claimed for as long as its campaign is kept, and never expires by itself", async ({ rig }) => {
    await rig.campaigns.claim(id, account, 1_000);
    expect(await rig.redis.pttl(rig.keys.campaignAccount(id))).toBe(-1);
  });

  test("that was claimed and no more has no campaign yet", async ({ rig }) => {
    await rig.campaigns.claim(id, account, 1_000);
    expect(await rig.campaigns.find(id)).toBeUndefined();
    await expect(rig.campaigns.get({ account, id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a campaign's record", () => {
  test("comes back as it was created, whatever is in it", async ({ rig }) => {
    const whole = newCampaign("offer", rig.clock.now(), {
      ...{ name: "7", digest: "0012", sendIgnoreReprint: 1, chunks: 3, shards: 128, audience: counts },
      message: { msgtype: "text", text: { content: '群发 "quoted" \n{"a":[]} \\ 🎉' } },
      metadata: { ticket: "MKT-1", number: "007", "": "empty" },
    });
    await rig.campaigns.claim(whole.id, account, whole.createdAt);
    const attempt = newAttempt(whole);
    expect(await rig.campaigns.create(whole, attempt, [])).toBe("created");
    expect(await rig.campaigns.find("offer")).toEqual({
      ...{ ...whole, attempt: attempt.id },
      ...{ state: "preparing", version: 1, planned: 0, enqueued: false, sendableAt: 0 },
    });
  });

  test("is created once: a second run changes nothing", async ({ rig }) => {
    await rig.prepare("offer", { name: "first" });
    const before = await rig.dump();
    const again = newCampaign("offer", rig.clock.now() + 5, { name: "second" });
    expect(await rig.campaigns.create(again, newAttempt(again), [])).toBe("exists");
    expect(await rig.dump()).toEqual(before);
  });

  test("is open from its creation to its end, oldest first", async ({ rig }) => {
    for (const name of ["c", "a", "b"]) {
      await rig.prepare(name);
      rig.clock.advance(1);
    }
    expect(await rig.campaigns.open(account)).toEqual(["c", "a", "b"]);
    expect(await rig.campaigns.open("other")).toEqual([]);
  });

  test("goes from preparing to sending once", async ({ rig }) => {
    const campaign = await rig.prepare("offer");
    const plan = { planned: 3, audience: counts, sendableAt: 7 };
    // Not while one of its batches is missing.
    await rig.redis.sadd(rig.keys.openBatches(account, campaign.id), 1, 3);
    expect(await rig.campaigns.startSending(campaign, plan)).toBe("incomplete");
    await rig.redis.sadd(rig.keys.openBatches(account, campaign.id), 2);
    expect(await rig.campaigns.startSending(campaign, plan)).toBe("sending");
    expect(await rig.campaigns.get(campaign)).toMatchObject({ ...plan, state: "sending", version: 2 });
    const before = await rig.dump();
    expect(await rig.campaigns.startSending(campaign, { ...plan, planned: 9 })).toBe("sending");
    expect(await rig.dump()).toEqual(before);
  });

  test.for(["scheduled", "canceling", "canceled"])(
    "stays %s when a late plan wants to start it",
    async (state, { rig }) => {
      const campaign = await rig.prepare("offer");
      await rig.setCampaign("offer", { state });
      const plan = { planned: 3, audience: counts, sendableAt: 7 };
      expect(await rig.campaigns.startSending(campaign, plan)).toBe(state);
      expect(await rig.campaigns.get(campaign)).toMatchObject({ state, planned: 0 });
    },
  );

  test("says that its jobs were added", async ({ rig }) => {
    const campaign = await rig.prepare("offer");
    await rig.campaigns.noteEnqueued(campaign);
    expect((await rig.campaigns.get(campaign)).enqueued).toBe(true);
  });
});

describe("a campaign's end", () => {
  async function settle(rig: Rig, state?: string) {
    const campaign = await rig.campaigns.get({ account, id });
    const report = reportOf(campaign, await rig.batches.of(campaign), rig.clock.now());
    return rig.campaigns.settle(
      campaign,
      state ? { ...report, state: state as "failed" } : report,
      rig.clock.now(),
    );
  }

  test("is one, though two add it up at once, each by its own clock", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch);
    const seen = await rig.campaigns.get({ account, id });
    const all = await rig.batches.of(seen);
    const end = (at: number) => rig.campaigns.settle(seen, reportOf(seen, all, at), at);
    const at = rig.clock.now();
    expect([await end(at), await end(at + 1), await end(at)]).toEqual(["settled", "changed", "same"]);
    expect(await rig.campaigns.get({ account, id })).toMatchObject({ closedAt: at, revision: 1 });
  });

  test("is written with its report, and it is open no longer", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch);
    expect(await settle(rig)).toBe("settled");
    const campaign = await rig.campaigns.get({ account, id });
    expect(campaign).toMatchObject({ state: "completed", closedAt: rig.clock.now() });
    expect(campaign.report).toMatchObject({
      state: "completed",
      batches: { planned: 1, succeeded: 1 },
      sendCalls: 1,
    });
    expect(await rig.campaigns.open(account)).toEqual([]);
  });

  test("is told once, however many write it, and so is a correction", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, { by: "poll" });
    expect([await settle(rig), await settle(rig)]).toEqual(["settled", "same"]);
    await rig.end(batch, { counts: { total: 10_000, filtered: 1, sent: 9_999, failed: 0 } });
    expect([await settle(rig), await settle(rig)]).toEqual(["corrected", "same"]);
  });

  test("is not written over a change that it has not seen", async ({ rig }) => {
    const batch = await rig.planOne();
    const seen = await rig.campaigns.get({ account, id });
    const report = reportOf(seen, [], rig.clock.now());
    await rig.drop(batch);
    const before = await rig.dump();
    expect(await rig.campaigns.settle(seen, report, rig.clock.now())).toBe("changed");
    expect(await rig.dump()).toEqual(before);
  });

  test("is corrected by what comes late", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, { state: "needs_review", by: "give-up", trouble });
    await settle(rig);
    expect((await rig.campaigns.get({ account, id })).state).toBe("partly_completed");
    await rig.end(batch);
    await settle(rig);
    expect((await rig.campaigns.get({ account, id })).state).toBe("completed");
  });

  test("is the end of its calls too", async ({ rig }) => {
    const batch = await rig.planOne();
    await settle(rig, "failed");
    expect(await rig.begin(batch)).toMatchObject({ word: "drop", why: "cancel" });
    rig.clock.advance(hour);
    expect(await rig.units()).toEqual([]);
  });
});

describe("a campaign's batches", () => {
  test("are added once, and only while it is being prepared", async ({ rig }) => {
    await rig.prepare("offer");
    expect(await rig.batches.add(account, newBatch(id, 1, 5))).toBe("added");
    const before = await rig.dump();
    expect(await rig.batches.add(account, newBatch(id, 1, 7))).toBe("exists");
    expect(await rig.dump()).toEqual(before);
    await rig.setCampaign(id, { state: "canceling" });
    expect(await rig.batches.add(account, newBatch(id, 2))).toBe("stopped");
    expect(await rig.batches.open({ account, id })).toEqual([1]);
  });

  test("come back by number as they were added, open ones in numbers' order", async ({ rig }) => {
    await rig.plan("offer", [5, 4, 3, 2, 2, 2, 2, 2, 2, 2, 2]);
    const campaign = await rig.campaigns.get({ account, id });
    const all = await rig.batches.of(campaign);
    expect(all.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(all[0]).toEqual({
      ...newBatch(id, 1, 5),
      ...{ state: "planned", version: 1, epoch: 0, calls: 0, resends: 0, misses: 0, polls: 0, notBefore: 0 },
    });
    expect(await rig.batches.open(campaign)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});
