import { describe, expect } from "vitest";
import { idOf } from "../../src/store/keys.ts";
import { account, hour, minute, succeeded, test, timing, trouble, twoOf } from "./rig.ts";

const week = 7 * 24 * hour;
const counts = { total: 2, filtered: 0, sent: 2, failed: 0 };

describe("accepted", () => {
  test("records the ids, ends the doubt and gives up the turn", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    const message = { msgId: "3147483654", msgDataId: "2247483663", adopted: false, epoch: 1 };
    const accepted = await rig.calls.accept(batch, message, timing.leaseMs, rig.clock.now());
    expect(accepted).toEqual({ state: "accepted", next: "" });
    const record = await rig.get(batch);
    expect(record).toMatchObject({
      state: "accepted",
      msgId: "3147483654",
      msgDataId: "2247483663",
      polls: 0,
    });
    expect(record).toMatchObject({ acceptedAt: rig.clock.now(), version: 3 });
    expect(record.doubtSince).toBeUndefined();
    expect(await rig.inDoubt()).toEqual([]);
    expect(await rig.turnOwner()).toBe("");
    expect(await rig.units()).toHaveLength(1);
  });

  test("raises the version of its campaign, so that the campaign's job looks", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    const address = { account, id: batch.campaign };
    const before = await rig.campaigns.version(address);
    await rig.accept(batch, "1000");
    expect(await rig.campaigns.version(address)).toBe(before + 1);
  });

  test("keeps an id of WeChat's that no JavaScript number holds", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "90261533849829378");
    expect((await rig.get(batch)).msgId).toBe("90261533849829378");
  });

  test("counts from an older call too: it is a fact", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    rig.clock.advance(timing.settleMs);
    const second = await rig.go(batch);
    expect(await rig.accept(batch, "1000")).toMatchObject({ state: "accepted" });
    expect(await rig.refuse(batch, second)).toEqual({ state: "stale", next: "" });
    expect(await rig.get(batch)).toMatchObject({ state: "accepted", msgId: "1000" });
  });

  test("of an older call leaves the turn with the newer one under way", async ({ rig }) => {
    const [batch, other] = await twoOf(rig);
    const first = await rig.go(batch);
    rig.clock.advance(timing.settleMs);
    const second = await rig.go(batch);
    await rig.begin(other);
    const late = { msgId: "1000", adopted: false, epoch: first };
    const accept = (call: object) =>
      rig.calls.accept(batch, { ...late, ...call }, timing.leaseMs, rig.clock.now());
    expect(await accept({})).toEqual({ state: "accepted", next: "" });
    expect(await rig.doubt(batch, first)).toMatchObject({ state: "stale", next: "" });
    expect(await rig.begin(other)).toMatchObject({ word: "wait", reason: "turn" });
    expect(await accept({ adopted: true, epoch: second })).toEqual({ state: "accepted", next: idOf(other) });
  });

  test("changes nothing when it comes twice", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    const before = await rig.dump();
    rig.clock.advance(minute);
    expect(await rig.accept(batch, "1000", true)).toEqual({ state: "accepted", next: "" });
    expect(await rig.dump()).toEqual(before);
  });

  test("with another msg_id than before goes to a person: the message went out twice", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    expect(await rig.accept(batch, "1001")).toMatchObject({ state: "needs_review" });
    const record = await rig.get(batch);
    expect(record).toMatchObject({ state: "needs_review", msgId: "1000", closedBy: "reply" });
    expect(record.trouble).toMatchObject({ code: "MSG_ID_CONFLICT", message: "two msg_ids, 1000 and 1001" });
    expect(await rig.batches.open({ account, id: batch.campaign })).toEqual([]);
  });

  test("with the msg_id of another batch goes to a person, and the other keeps it", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.go(one);
    await rig.accept(one, "1000");
    await rig.go(two);
    expect(await rig.accept(two, "1000")).toMatchObject({ state: "needs_review" });
    expect(await rig.get(two)).toMatchObject({ trouble: { code: "MSG_ID_CONFLICT" } });
    expect((await rig.get(two)).msgId).toBeUndefined();
    expect(await rig.batches.deliver(account, "1000", succeeded, rig.clock.now())).toMatchObject({
      owner: idOf(one),
    });
    expect(await rig.inDoubt()).toEqual([]);
  });

  test("ends a stop of the account and what led to it", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    const block = { reason: "account", firstMs: 10, capMs: 60, trouble } as const;
    await rig.blocks.put(account, block, rig.clock.now());
    await rig.accept(batch, "1000");
    expect(await rig.redis.exists(rig.keys.account(account))).toBe(0);
  });

  test("after it was given to a person is noted, and the person keeps it", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    rig.clock.advance(timing.resendWindowMs);
    await rig.begin(batch);
    expect(await rig.accept(batch, "1000")).toMatchObject({ state: "needs_review" });
    expect(await rig.get(batch)).toMatchObject({ state: "needs_review", msgId: "1000" });
    expect(await rig.end(batch, { counts, total: 2 })).toBe("succeeded");
  });
});

describe("a result that came before the msg_id", () => {
  test("is taken in by the script that records it", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    const result = { ...succeeded, total: 2, counts };
    expect(await rig.batches.deliver(account, "1000", result, rig.clock.now())).toEqual({
      word: "kept",
    });
    expect(await rig.accept(batch, "1000")).toMatchObject({ state: "succeeded" });
    expect(await rig.get(batch)).toMatchObject({
      state: "succeeded",
      closedBy: "callback",
      counts,
      msgId: "1000",
    });
    expect(await rig.batches.open({ account, id: batch.campaign })).toEqual([]);
    expect(await rig.redis.exists(rig.keys.inbox(account, "1000"))).toBe(0);
  });

  test("stops its campaign when WeChat's audit refused it", async ({ rig }) => {
    const [batch] = await twoOf(rig);
    await rig.go(batch);
    const refused = { code: "AUDIT_REFUSED", errcode: 20008, message: "err(20008)" };
    const result = { state: "failed", by: "callback", stops: true, trouble: refused } as const;
    await rig.batches.deliver(account, "1000", result, rig.clock.now());
    expect(await rig.accept(batch, "1000")).toMatchObject({ state: "failed" });
    const campaign = await rig.campaigns.get({ account, id: batch.campaign });
    expect(campaign.stopped).toEqual(refused);
    expect(await rig.get(batch)).toMatchObject({ state: "failed", trouble: refused });
  });

  test("waits for 7 days under its account and msg_id; a second one changes nothing", async ({ rig }) => {
    await rig.batches.deliver(account, "1000", { ...succeeded, total: 2 }, rig.clock.now());
    const failed = { state: "failed", by: "callback", stops: false } as const;
    expect(await rig.batches.deliver(account, "1000", failed, rig.clock.now())).toEqual({
      word: "repeat",
    });
    expect(await rig.batches.deliver("other", "1000", failed, rig.clock.now())).toEqual({
      word: "kept",
    });
    const key = rig.keys.inbox(account, "1000");
    expect(await rig.redis.get(key)).toContain("succeeded");
    expect(await rig.redis.pttl(key)).toBeGreaterThan(week - minute);
    expect(await rig.redis.pttl(key)).toBeLessThanOrEqual(week);
  });
});

describe("already there: 45065", () => {
  test("brings the msg_id of the call that was lost", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.doubt(batch, await rig.go(batch));
    rig.clock.advance(minute);
    await rig.go(batch);
    expect(await rig.accept(batch, "1000", true)).toMatchObject({ state: "accepted" });
    const record = await rig.get(batch);
    expect(record).toMatchObject({ state: "accepted", msgId: "1000", calls: 2 });
    expect(record.trouble).toBeUndefined();
    expect(await rig.inDoubt()).toEqual([]);
  });

  test("is not believed while an older batch of the account is in doubt", async ({ rig }) => {
    const [elder, younger] = await twoOf(rig);
    await rig.doubt(elder, await rig.go(elder));
    rig.clock.advance(1);
    const epoch = await rig.go(younger);
    expect(await rig.accept(younger, "1000", true)).toMatchObject({ state: "elder" });
    expect((await rig.get(younger)).msgId).toBeUndefined();
    expect(await rig.doubt(younger, epoch)).toMatchObject({ state: "unknown" });

    // The elder is asked first, and may be told the very same msg_id.
    rig.clock.advance(minute);
    await rig.go(elder);
    expect(await rig.accept(elder, "1000", true)).toMatchObject({ state: "accepted" });
    await rig.go(younger);
    expect(await rig.accept(younger, "1000", true)).toMatchObject({ state: "needs_review" });
  });

  test("told while an older batch is in doubt costs no further call until that one is settled", async ({
    rig,
  }) => {
    const [elder, younger] = await twoOf(rig);
    await rig.doubt(elder, await rig.go(elder));
    rig.clock.advance(1);
    const epoch = await rig.go(younger);
    await rig.accept(younger, "1001", true);
    await rig.doubt(younger, epoch, minute, 4 * hour, true);
    for (const wait of [minute, hour, 3 * hour]) {
      rig.clock.advance(wait);
      const until = rig.clock.now() + timing.settleMs;
      expect(await rig.begin(younger)).toMatchObject({ word: "wait", reason: "resend", until });
    }
    expect(await rig.get(younger)).toMatchObject({ state: "unknown", calls: 1, resends: 0 });

    await rig.go(elder);
    await rig.accept(elder, "1000", true);
    await rig.go(younger);
    expect(await rig.accept(younger, "1001", true)).toMatchObject({ state: "accepted" });
    expect(await rig.inDoubt()).toEqual([]);
  });

  test("of two in doubt since the same millisecond is believed by one, so that both get on", async ({
    rig,
  }) => {
    const [one, two] = await twoOf(rig);
    await rig.doubt(one, await rig.go(one));
    await rig.doubt(two, await rig.go(two));
    rig.clock.advance(minute);
    const epoch = await rig.go(two);
    expect(await rig.accept(two, "1000", true)).toMatchObject({ state: "elder" });
    await rig.doubt(two, epoch);
    await rig.go(one);
    expect(await rig.accept(one, "1001", true)).toMatchObject({ state: "accepted" });
    expect(await rig.accept(two, "1000", true)).toMatchObject({ state: "accepted" });
  });

  test("that comes late for an older call leaves the turn with the newer call under way", async ({ rig }) => {
    const [elder, younger] = await twoOf(rig);
    await rig.doubt(elder, await rig.go(elder));
    rig.clock.advance(1);
    const late = await rig.go(younger);
    rig.clock.advance(timing.settleMs);
    await rig.go(younger);
    expect(await rig.accept(younger, "1000", true)).toMatchObject({ state: "elder" });
    expect(await rig.doubt(younger, late)).toMatchObject({ state: "stale" });
    expect(await rig.begin(elder)).toMatchObject({ word: "wait", reason: "turn" });
  });

  test("is believed though a younger batch is in doubt", async ({ rig }) => {
    const [elder, younger] = await twoOf(rig);
    await rig.doubt(elder, await rig.go(elder));
    rig.clock.advance(1);
    await rig.doubt(younger, await rig.go(younger));
    rig.clock.advance(minute);
    await rig.go(elder);
    expect(await rig.accept(elder, "1000", true)).toMatchObject({ state: "accepted" });
  });

  test("as a plain acceptance, is believed whoever is in doubt", async ({ rig }) => {
    const [elder, younger] = await twoOf(rig);
    await rig.doubt(elder, await rig.go(elder));
    rig.clock.advance(1);
    await rig.go(younger);
    expect(await rig.accept(younger, "1000")).toMatchObject({ state: "accepted" });
  });

  test.for([
    [2, "succeeded"],
    [3, "needs_review"],
    [1, "needs_review"],
    [0, "succeeded"],
  ] as const)("adopted, and WeChat counts %i of its 2 people: %s", async ([total, state], { rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000", true);
    expect(await rig.end(batch, { total, counts: { ...counts, total } })).toBe(state);
    const { trouble: seen } = await rig.get(batch);
    expect(seen?.code).toBe(state === "succeeded" ? undefined : "TOTAL_MISMATCH");
  });

  test("not adopted, another count of WeChat's is only a count", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    expect(await rig.end(batch, { total: 3, counts: { ...counts, total: 3 } })).toBe("succeeded");
  });
});
