import { describe, expect } from "vitest";
import { idOf } from "../../src/store/keys.ts";
import { account, hour, minute, test, timing } from "./rig.ts";

describe("a call that begins", () => {
  test("takes a unit and a place in the minute, raises epoch and calls, and is in doubt from now", async ({
    rig,
  }) => {
    const batch = await rig.planOne();
    expect(await rig.begin(batch)).toEqual({ word: "go", epoch: 1, next: "" });
    const now = rig.clock.now();
    expect(await rig.get(batch)).toMatchObject({
      ...{ state: "sending", epoch: 1, calls: 1, callAt: now, doubtSince: now, version: 2 },
    });
    expect(await rig.units()).toEqual([`${idOf(batch)}#1`]);
    expect(await rig.redis.zrange(rig.keys.minute(account), "0", "-1")).toEqual([`${idOf(batch)}#1`]);
    expect(await rig.inDoubt()).toEqual([idOf(batch)]);
    expect(await rig.turnOwner()).toBe(idOf(batch));
  });

  test("raises the version of its campaign too", async ({ rig }) => {
    const batch = await rig.planOne();
    const before = await rig.campaigns.version({ account, id: batch.campaign });
    await rig.go(batch);
    expect(await rig.campaigns.version({ account, id: batch.campaign })).toBe(before + 1);
  });

  test("no longer waits for anything", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.batches.noteWait(batch, { reason: "window", until: 1 });
    await rig.go(batch);
    expect((await rig.get(batch)).wait).toBeUndefined();
  });

  test("leaves the beginning of an older doubt as it was", async ({ rig }) => {
    const batch = await rig.planOne();
    const since = rig.clock.now();
    await rig.doubt(batch, await rig.go(batch));
    rig.clock.advance(2 * minute);
    expect(await rig.go(batch)).toBe(2);
    expect(await rig.get(batch)).toMatchObject({ doubtSince: since, callAt: rig.clock.now(), calls: 2 });
    expect(await rig.redis.zscore(rig.keys.doubt(account), idOf(batch))).toBe(String(since));
  });

  test("takes the numbers of a day's end exactly, as far as they go", async ({ rig }) => {
    rig.clock.set("2286-11-20T12:00:00+08:00");
    const batch = await rig.planOne();
    await rig.go(batch);
    expect(await rig.get(batch)).toMatchObject({ callAt: rig.clock.now(), doubtSince: rig.clock.now() });
    const expiry = await rig.redis.pexpiretime(rig.keys.quota(account, rig.limits().day));
    expect(expiry).toBe(rig.limits().dayEndsAt + 48 * hour);
  });
});

test("a batch that is no longer there, or closed, is not called", async ({ rig }) => {
  const batch = await rig.planOne();
  expect(await rig.begin({ ...batch, number: 9 })).toEqual({ word: "closed", state: "gone", next: "" });
  await rig.drop(batch);
  const before = await rig.dump();
  expect(await rig.begin(batch)).toEqual({ word: "closed", state: "canceled", next: "" });
  expect(await rig.dump()).toEqual(before);
});

test("a campaign of one account does not stop another's", async ({ rig }) => {
  const batch = await rig.planOne();
  await rig.redis.hset(rig.keys.account("other"), "paused", 1);
  expect((await rig.begin(batch)).word).toBe("go");
});

describe("a call that may be under way", () => {
  const settled = timing.settleMs;

  test("is not made again before its time-out and the resend wait are over", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    const callAt = rig.clock.now();
    const before = await rig.dump();
    for (const passed of [0, settled - 1]) {
      rig.clock.set(callAt + passed);
      expect(await rig.begin(batch)).toEqual({
        word: "wait",
        reason: "resend",
        until: callAt + settled,
        next: "",
      });
      expect(await rig.dump()).toEqual(before);
    }
    rig.clock.set(callAt + settled);
    expect(await rig.begin(batch)).toMatchObject({ word: "go", epoch: 2 });
  });

  test("keeps the turn while it may be", async ({ rig }) => {
    const [batch, other] = await rig.plan("offer", [2, 2]);
    if (!batch || !other) throw new Error("two batches");
    await rig.go(batch);
    expect(await rig.begin(other)).toEqual({ word: "wait", reason: "turn", until: null, next: "" });
    expect((await rig.begin(batch)).word).toBe("wait");
    expect(await rig.turnOwner()).toBe(idOf(batch));
  });

  test("is never repeated once the resend window is over: a person has to look", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    const since = rig.clock.now();
    rig.clock.set(since + timing.resendWindowMs - 1);
    expect((await rig.begin(batch)).word).toBe("go");
    rig.clock.set(since + timing.resendWindowMs);
    // Not while that last repeat may still be under way.
    expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "resend" });
    rig.clock.advance(timing.settleMs);
    for (let again = 0; again < 3; again++) {
      expect(await rig.begin(batch)).toMatchObject({ word: "closed", state: "needs_review" });
      rig.clock.advance(hour);
    }
    expect(await rig.get(batch)).toMatchObject({
      state: "needs_review",
      closedBy: "resend-window",
      calls: 2,
    });
    expect(await rig.inDoubt()).toEqual([]);
    expect(await rig.batches.open({ account, id: batch.campaign })).toEqual([]);
  });

  test("is neither repeated nor given up while another pauses its campaign, before the window is over", async ({
    rig,
  }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch));
    await rig.setCampaign(batch.campaign, { paused: "true" });
    rig.clock.advance(22 * hour);
    expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "paused" });
    expect(await rig.state(batch)).toBe("unknown");
  });

  test.for([
    ["cancel", { state: "canceling" }],
    ["deadline", { deadline: 1 }],
  ] as const)("is dropped to a person, not repeated, after the end: %s", async ([why, fields], { rig }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch));
    rig.clock.advance(hour);
    await rig.setCampaign(batch.campaign, fields);
    expect(await rig.begin(batch)).toMatchObject({ word: "drop", why });
    expect(await rig.drop(batch)).toBe("needs_review");
  });

  test("is not repeated in another month than that of its reservations", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.redis.hset(rig.keys.batch(account, batch.campaign, 1), "month", "2031-03");
    await rig.doubt(batch, await rig.go(batch));
    rig.clock.advance(hour);
    expect(await rig.begin(batch, { month: "2031-04" })).toMatchObject({ word: "drop", why: "month" });
  });

  test("is repeated though its campaign's message was refused meanwhile", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch));
    rig.clock.advance(hour);
    await rig.setCampaign(batch.campaign, { refused: "{}" });
    expect((await rig.begin(batch)).word).toBe("go");
  });
});
