import { describe, expect } from "vitest";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { idOf } from "../../src/store/keys.ts";
import { account, hour, test, timing, trouble, twoOf } from "./rig.ts";

describe("a look at a batch", () => {
  test("holds the records of the batch and its campaign, and how many batches are open", async ({ rig }) => {
    const [one] = await twoOf(rig);
    const seen = await rig.look(one);
    expect(seen.batch).toEqual(await rig.get(one));
    expect(seen.campaign).toEqual(await rig.campaigns.get({ account, id: one.campaign }));
    expect(seen).toMatchObject({ block: undefined, turn: "free", open: 2, campaignState: "sending" });
    await rig.drop(one);
    expect(await rig.look(one)).toMatchObject({ batch: { state: "canceled" }, open: 1 });
  });

  test("shows a stop of the account", async ({ rig }) => {
    const batch = await rig.planOne();
    const block = { trouble, reason: "account", firstMs: hour, capMs: hour } as const;
    await rig.blocks.put(account, block, rig.clock.now());
    expect((await rig.look(batch)).block).toEqual({
      reason: "account",
      until: rig.clock.now() + hour,
      since: rig.clock.now(),
      trouble,
    });
  });

  test("leaves out campaign and account once the batch will not be called any more", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    const block = { trouble, reason: "account", firstMs: hour, capMs: hour } as const;
    await rig.blocks.put(account, block, rig.clock.now());
    expect(await rig.look(batch)).toMatchObject({ campaign: undefined, block: undefined, open: 1 });
    expect((await rig.look(batch)).batch?.state).toBe("accepted");
  });

  test("says whether another batch has the turn, and for no longer than its lease", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.go(one);
    expect((await rig.look(one)).turn).toBe("mine");
    expect((await rig.look(two)).turn).toBe("held");
    rig.clock.advance(timing.leaseMs);
    expect((await rig.look(two)).turn).toBe("free");
  });

  test("finds nothing where there is no batch", async ({ rig }) => {
    const nowhere = { account, campaign: "nowhere" as CampaignId, number: 1 };
    expect(await rig.look(nowhere)).toMatchObject({ batch: undefined, open: 0, campaignState: undefined });
  });

  test("of a batch that is stopped in its turn, and so gives it up, lets its job sleep", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.go(one);
    await rig.begin(two);
    await rig.accept(one, "1001");
    expect(await rig.turnOwner()).toBe(idOf(two));
    const seen = await rig.look(two);
    expect(await rig.begin(two, { sendCalls: 1 })).toMatchObject({ word: "wait", reason: "daily-quota" });
    expect(seen.turn).toBe("mine");
    expect(await rig.batches.marks(two)).toEqual({ marks: seen.marks, hasTurn: false });
  });

  test("has the marks that are compared before its job sleeps, until something changes", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    const before = await rig.look(one);
    await rig.drop(two);
    expect((await rig.batches.marks(one)).marks).toBe(before.marks);
    await rig.setCampaign(one.campaign, { stopped: JSON.stringify(trouble) });
    expect((await rig.batches.marks(one)).marks).not.toBe(before.marks);
  });
});
