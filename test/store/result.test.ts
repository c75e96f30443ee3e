import { describe, expect } from "vitest";
import type { Result } from "../../src/store/batches.ts";
import { idOf } from "../../src/store/keys.ts";
import { account, minute, type Rig, succeeded, test, trouble, twoOf } from "./rig.ts";

const counts = { total: 2, filtered: 1, sent: 1, failed: 0 };
const failedByPoll: Result = { state: "failed", by: "poll", trouble, stops: false };
const gaveUp: Result = { state: "needs_review", by: "give-up", trouble, stops: false };
const refused: Result = { state: "failed", by: "callback", trouble, stops: true };

/** A batch of two people that WeChat has taken as 1000, with another one in its campaign. */
async function accepted(rig: Rig) {
  const [batch, other] = await twoOf(rig);
  await rig.go(batch);
  await rig.accept(batch, "1000");
  return { batch, other };
}

describe("a result closes an accepted batch", () => {
  test.for<[string, Result]>([
    ["a callback of success", { ...succeeded, total: 2, counts }],
    ["a callback of failure", { state: "failed", by: "callback", trouble, stops: false }],
    ["a poll of success", { state: "succeeded", by: "poll", stops: false }],
    ["a poll of failure", failedByPoll],
    ["giving up", gaveUp],
  ])("%s", async ([_name, result], { rig }) => {
    const { batch } = await accepted(rig);
    const before = await rig.get(batch);
    rig.clock.advance(minute);
    expect(await rig.end(batch, result)).toBe(result.state);
    const {
      state,
      by: closedBy,
      counts: seen,
      trouble: why,
    } = { counts: undefined, trouble: undefined, ...result };
    const record = await rig.get(batch);
    expect(record).toMatchObject({ state, closedBy, closedAt: rig.clock.now(), version: before.version + 1 });
    expect(record.counts).toEqual(seen);
    expect(record.trouble).toEqual(why);
    expect(await rig.batches.open({ account, id: batch.campaign })).toEqual([2]);
  });

  test("and raises the version of its campaign, so that the campaign's job looks", async ({ rig }) => {
    const { batch } = await accepted(rig);
    const address = { account, id: batch.campaign };
    const before = await rig.campaigns.version(address);
    await rig.end(batch);
    expect(await rig.campaigns.version(address)).toBe(before + 1);
  });
});

describe("the first callback", () => {
  test.for<[string, Result]>([
    ["a poll", failedByPoll],
    ["giving up", gaveUp],
  ])("overrides %s", async ([_name, result], { rig }) => {
    const { batch } = await accepted(rig);
    await rig.end(batch, result);
    expect(await rig.end(batch, { ...succeeded, total: 2, counts })).toBe("succeeded");
    const record = await rig.get(batch);
    expect(record).toMatchObject({ state: "succeeded", closedBy: "callback", counts });
    expect(record.trouble).toBeUndefined();
    expect(await rig.batches.open({ account, id: batch.campaign })).toEqual([2]);
  });

  test("brings its counts to a batch that a poll has closed in the same way", async ({ rig }) => {
    const { batch } = await accepted(rig);
    await rig.end(batch, { state: "succeeded", by: "poll", stops: false });
    await rig.end(batch, { ...succeeded, total: 2, counts });
    expect(await rig.get(batch)).toMatchObject({ closedBy: "callback", counts });
  });

  test("is the one that counts: a later one changes nothing and is counted", async ({ rig }) => {
    const { batch } = await accepted(rig);
    await rig.end(batch, { ...succeeded, total: 2, counts });
    const before = await rig.dump();
    rig.clock.advance(minute);
    expect(await rig.end(batch, refused)).toBe("repeat");
    expect(await rig.end(batch, { ...succeeded, counts: { ...counts, sent: 0 } })).toBe("repeat");
    const key = rig.keys.batch(account, batch.campaign, batch.number);
    expect(await rig.redis.hget(key, "repeats")).toBe("2");
    await rig.redis.hdel(key, "repeats");
    expect(await rig.dump()).toEqual(before);
  });
});

describe("a poll or giving up", () => {
  test.for<[string, Result]>([
    ["a poll", failedByPoll],
    ["giving up", gaveUp],
  ])("%s does not override what came before it", async ([_name, result], { rig }) => {
    const { batch, other } = await accepted(rig);
    await rig.end(batch);
    const before = await rig.dump();
    expect(await rig.end(batch, result)).toMatch(/^(repeat|stale)$/);
    expect(await rig.end(other, result)).toBe("stale");
    await rig.redis.hdel(rig.keys.batch(account, batch.campaign, 1), "repeats");
    expect(await rig.dump()).toEqual(before);
  });

  test("a second poll does not override a first", async ({ rig }) => {
    const { batch } = await accepted(rig);
    await rig.end(batch, failedByPoll);
    expect(await rig.end(batch, { ...succeeded, by: "poll" })).toBe("stale");
    expect(await rig.state(batch)).toBe("failed");
  });
});

describe("a refusal of WeChat's audit", () => {
  test("stops what is left of its campaign, and no other campaign", async ({ rig }) => {
    const { batch, other } = await accepted(rig);
    const elsewhere = await rig.planOne("elsewhere");
    expect(await rig.end(batch, refused)).toBe("failed");
    expect((await rig.campaigns.get({ account, id: batch.campaign })).stopped).toEqual(trouble);
    expect(await rig.begin(other)).toMatchObject({ word: "wait", reason: "content", until: null });
    expect((await rig.begin(elsewhere)).word).toBe("go");
  });

  test("stops nothing when no batch is left", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, refused);
    expect((await rig.campaigns.get({ account, id: batch.campaign })).stopped).toBeUndefined();
  });
});

describe("a result by its msg_id", () => {
  test("finds the batch that owns it, for as long as the batch is known", async ({ rig }) => {
    const { batch } = await accepted(rig);
    expect(await rig.batches.deliver(account, "1000", succeeded, rig.clock.now())).toEqual({
      word: "owned",
      owner: idOf(batch),
    });
    expect(await rig.redis.exists(rig.keys.inbox(account, "1000"))).toBe(0);
    expect(await rig.redis.pttl(rig.keys.messageOwner(account, "1000"))).toBe(-1);
  });

  test("that races with the acceptance closes the batch, whoever is first", async ({ rig }) => {
    const planned = await rig.plan("races", new Array(40).fill(2));
    for (const [index, batch] of planned.entries()) {
      await rig.go(batch);
      const msgId = `${1000 + index}`;
      const deliver = async () => {
        const { owner } = await rig.batches.deliver(account, msgId, succeeded, rig.clock.now());
        if (owner !== undefined) await rig.end(batch);
      };
      const accept = () => rig.accept(batch, msgId);
      await Promise.all(index % 2 ? [deliver(), accept()] : [accept(), deliver()]);
      expect(await rig.get(batch)).toMatchObject({ state: "succeeded", msgId });
    }
    expect(await rig.batches.open({ account, id: planned[0]?.campaign ?? ("" as never) })).toEqual([]);
  });
});

describe("what a batch waits for", () => {
  const wait = { reason: "daily-quota", until: 5, trouble } as const;

  test("is noted for those who look, and decides nothing", async ({ rig }) => {
    const batch = await rig.planOne();
    const { version } = await rig.get(batch);
    expect(await rig.batches.noteWait(batch, wait)).toBe("noted");
    expect(await rig.get(batch)).toMatchObject({ wait, version, state: "planned" });
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("is noted no more when it has no name", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.batches.noteWait(batch, wait);
    expect(await rig.batches.noteWait(batch, undefined)).toBe("noted");
    expect((await rig.get(batch)).wait).toBeUndefined();
  });

  test("is no longer noted once it was accepted or has ended", async ({ rig }) => {
    const { batch, other } = await accepted(rig);
    expect(await rig.batches.noteWait(batch, wait)).toBe("moved");
    expect(await rig.batches.noteWait(other, wait, "accepted")).toBe("moved");
    await rig.batches.noteWait(other, wait);
    await rig.drop(other);
    expect((await rig.get(other)).wait).toBeUndefined();
    expect(await rig.batches.noteWait(other, wait)).toBe("moved");
    expect(await rig.batches.noteWait({ ...batch, number: 9 }, wait)).toBe("moved");
    expect(await rig.batches.find({ ...batch, number: 9 })).toBeUndefined();
  });
});
