import { describe, expect } from "vitest";
import { idOf } from "../../src/store/keys.ts";
import { account, hour, minute, test, timing, trouble, twoOf } from "./rig.ts";

describe("an answer that was not understood", () => {
  test("leaves the batch unknown, in doubt since its call, and gives up the turn", async ({ rig }) => {
    const [batch, other] = await twoOf(rig);
    const epoch = await rig.go(batch);
    const callAt = rig.clock.now();
    await rig.begin(other);
    rig.clock.advance(20_000);
    const until = rig.clock.now() + minute;
    expect(await rig.doubt(batch, epoch)).toEqual({ state: "unknown", until, next: idOf(other) });
    expect(await rig.get(batch)).toMatchObject({
      state: "unknown",
      doubtSince: callAt,
      notBefore: until,
      trouble,
    });
    expect(await rig.units()).toHaveLength(1);
  });

  test("is asked again no earlier than after the wait", async ({ rig }) => {
    const batch = await rig.planOne();
    const { until } = await rig.doubt(batch, await rig.go(batch));
    rig.clock.set(until - 1);
    expect(await rig.begin(batch)).toEqual({ word: "wait", reason: "resend", until, next: "" });
    rig.clock.set(until);
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("is asked again after waits that double, up to 4 h", async ({ rig }) => {
    const batch = await rig.planOne();
    const waits: number[] = [];
    for (let repeat = 0; repeat < 10; repeat++) {
      const { until } = await rig.doubt(batch, await rig.go(batch, { resendWindowMs: 100 * hour }));
      waits.push((until - rig.clock.now()) / minute);
      rig.clock.set(until);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240]);
  });

  test("of an older call changes nothing, and does not take the turn from the newer", async ({ rig }) => {
    const [batch, other] = await twoOf(rig);
    const old = await rig.go(batch);
    rig.clock.advance(timing.settleMs);
    await rig.go(batch);
    await rig.begin(other);
    const before = await rig.dump();
    expect(await rig.doubt(batch, old)).toEqual({ state: "stale", until: 0, next: "" });
    expect(await rig.postpone(batch, old)).toEqual({ state: "stale", until: 0, next: "" });
    expect(await rig.refuse(batch, old)).toEqual({ state: "stale", next: "" });
    expect(await rig.dump()).toEqual(before);
    expect(await rig.turnOwner()).toBe(idOf(batch));
  });

  test("after the batch was accepted changes nothing", async ({ rig }) => {
    const batch = await rig.planOne();
    const epoch = await rig.go(batch);
    await rig.accept(batch, "1000");
    const before = await rig.dump();
    expect(await rig.doubt(batch, epoch)).toMatchObject({ state: "stale" });
    expect(await rig.postpone(batch, epoch, { neverLeft: true })).toMatchObject({ state: "stale" });
    expect(await rig.refuse(batch, epoch, "campaign")).toMatchObject({ state: "stale" });
    expect(await rig.dump()).toEqual(before);
  });
});

test.for(["doubt", "postpone", "refuse"] as const)(
  "batch and campaign have a new version after each outcome, so that no job sleeps over it: %s",
  async (outcome, { rig }) => {
    const batch = await rig.planOne();
    const epoch = await rig.go(batch);
    const versions = async () => [
      (await rig.get(batch)).version,
      await rig.campaigns.version({ account, id: batch.campaign }),
    ];
    const before = await versions();
    await rig[outcome](batch, epoch);
    expect(await versions()).toEqual(before.map((version) => version + 1));
  },
);

describe("a refusal for good", () => {
  test("fails a batch whose every call was clearly refused", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.postpone(batch, await rig.go(batch));
    expect(await rig.refuse(batch, await rig.go(batch))).toEqual({ state: "failed", next: "" });
    const record = await rig.get(batch);
    expect(record).toMatchObject({
      state: "failed",
      closedBy: "reply",
      closedAt: rig.clock.now(),
      trouble,
      calls: 2,
    });
    expect(record.doubtSince).toBeUndefined();
    expect(await rig.inDoubt()).toEqual([]);
    expect(await rig.batches.open({ account, id: batch.campaign })).toEqual([]);
  });

  test("speaks for its own call only: with an older one in doubt a person has to look", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch));
    rig.clock.advance(minute);
    expect(await rig.refuse(batch, await rig.go(batch))).toMatchObject({ state: "needs_review" });
    expect(await rig.get(batch)).toMatchObject({ state: "needs_review", trouble, closedBy: "reply" });
    expect((await rig.get(batch)).doubtSince).toBeDefined();
    expect(await rig.inDoubt()).toEqual([]);
  });

  test("after a worker died in the call before is a matter for a person too", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    rig.clock.advance(timing.settleMs);
    expect(await rig.refuse(batch, await rig.go(batch))).toMatchObject({ state: "needs_review" });
  });

  test("after a postponed repeat still knows the doubt of the first call", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch));
    rig.clock.advance(minute);
    expect(await rig.postpone(batch, await rig.go(batch))).toMatchObject({ state: "unknown" });
    expect(await rig.refuse(batch, await rig.go(batch))).toMatchObject({ state: "needs_review" });
  });

  test("that only a person can tell goes to a person", async ({ rig }) => {
    const batch = await rig.planOne();
    expect(await rig.refuse(batch, await rig.go(batch), "review")).toMatchObject({ state: "needs_review" });
    expect(await rig.inDoubt()).toEqual([]);
  });

  test("of the message itself is noted at the campaign, and no batch not yet called is", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    expect(await rig.refuse(one, await rig.go(one), "campaign")).toMatchObject({ state: "failed" });
    expect((await rig.campaigns.get({ account, id: one.campaign })).refused).toEqual(trouble);
    expect(await rig.begin(two)).toMatchObject({ word: "drop", why: "campaign" });
    expect(await rig.drop(two, "failed")).toBe("failed");
    expect(await rig.units()).toHaveLength(1);
  });

  test("of one batch leaves the others of its campaign alone", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.refuse(one, await rig.go(one));
    expect((await rig.campaigns.get({ account, id: one.campaign })).refused).toBeUndefined();
    expect((await rig.begin(two)).word).toBe("go");
  });

  test("hands the turn on", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    const epoch = await rig.go(one);
    await rig.begin(two);
    expect(await rig.refuse(one, epoch)).toEqual({ state: "failed", next: idOf(two) });
  });
});

describe("a batch that is dropped", () => {
  test.for(["failed", "canceled"] as const)(
    "becomes %s when no call of it is in doubt",
    async (state, { rig }) => {
      const batch = await rig.planOne();
      expect(await rig.drop(batch, state)).toBe(state);
      expect(await rig.get(batch)).toMatchObject({
        state,
        closedBy: "campaign",
        closedAt: rig.clock.now(),
        trouble,
      });
      expect(await rig.batches.open({ account, id: batch.campaign })).toEqual([]);
    },
  );

  test("goes to a person when one is", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch));
    expect(await rig.drop(batch)).toBe("needs_review");
    expect(await rig.inDoubt()).toEqual([]);
  });

  test("is left as it is when it was accepted or has ended", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    expect(await rig.drop(batch)).toBe("accepted");
    await rig.end(batch);
    const before = await rig.dump();
    expect(await rig.drop(batch, "failed")).toBe("succeeded");
    expect(await rig.dump()).toEqual(before);
    expect(await rig.drop({ ...batch, number: 9 })).toBe("gone");
  });

  test("does not stay in the queue for the turn", async ({ rig }) => {
    const [one, two, three] = await rig.plan("offer", [2, 2, 2]);
    if (!one || !two || !three) throw new Error("three batches");
    const epoch = await rig.go(one);
    await rig.begin(two);
    await rig.begin(three);
    await rig.drop(two);
    expect((await rig.refuse(one, epoch)).next).toBe(idOf(three));
  });

  test("does not keep the turn that it was handed", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    const other = await rig.planOne("other");
    const epoch = await rig.go(one);
    await rig.begin(two);
    expect((await rig.refuse(one, epoch)).next).toBe(idOf(two));
    await rig.drop(two);
    expect((await rig.begin(other)).word).toBe("go");
  });
});
