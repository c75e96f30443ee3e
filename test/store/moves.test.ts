import { describe, expect } from "vitest";
import type { CampaignState } from "../../src/campaign/campaign.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { type Move, movesOf } from "../../src/campaign/move.ts";
import { shownState } from "../../src/campaign/waiting.ts";
import { idOf } from "../../src/store/keys.ts";
import { admission } from "./plan-rig.ts";
import { account, first, hour, minute, type Rig, test, trouble, twoOf } from "./rig.ts";

const id = "offer" as CampaignId;
const address = { account, id };

/** A campaign of one batch that is shown in this state. */
async function shown(rig: Rig, state: CampaignState): Promise<void> {
  await rig.plan(id);
  if (state === "paused") await rig.moves.pause(address);
  else if (state === "waiting") await rig.setCampaign(id, { stopped: JSON.stringify(trouble) });
  else await rig.setCampaign(id, { state });
}

const show = async (rig: Rig) => {
  const campaign = await rig.campaigns.get(address);
  return shownState(campaign, await rig.batches.of(campaign));
};

function move(rig: Rig, name: Move, from: "paused" | "waiting" = "waiting", lift = false) {
  if (name === "pause") return rig.moves.pause(address);
  if (name === "cancel") return rig.moves.cancel(address, "CANCELED");
  return rig.moves.resume(address, { from, lift }, rig.clock.now());
}

const states: CampaignState[] = ["scheduled", "preparing", "sending", "waiting", "paused", "canceling"];
const ended: CampaignState[] = ["completed", "partly_completed", "failed", "canceled"];

describe.for([...states, ...ended])("a campaign that is %s", (state) => {
  test("takes the moves of the CONTRACT and is changed by no other", async ({ rig }) => {
    for (const name of ["pause", "resume", "cancel"] as const) {
      await rig.redis.del(rig.keys.campaign(account, id), rig.keys.batch(account, id, 1));
      await shown(rig, state);
      expect(await show(rig)).toBe(state);
      // Whether it waits is for its batches to say: the script only holds that it might.
      if (name === "resume" && state === "sending") continue;
      const before = await rig.dump();
      const { version } = await rig.campaigns.get(address);
      const word = await move(rig, name, state === "paused" ? "paused" : "waiting");
      expect(word).toBe(movesOf(state).includes(name) ? "moved" : "illegal");
      if (word === "illegal") expect(await rig.dump()).toEqual(before);
      else expect((await rig.campaigns.get(address)).version).toBe(version + 1);
    }
  });
});

describe("a pause", () => {
  test.for(["scheduled", "preparing", "sending"] as const)(
    "leaves the state what it was, and a resume brings it back: %s",
    async (state, { rig }) => {
      await shown(rig, state);
      await rig.moves.pause(address);
      expect(await rig.campaigns.get(address)).toMatchObject({ state, paused: true });
      expect(await show(rig)).toBe("paused");
      await move(rig, "resume", "paused");
      expect(await show(rig)).toBe(state);
    },
  );

  test("lets no call begin until it is resumed, nor a resume of a campaign that only waits", async ({
    rig,
  }) => {
    const batch = await rig.planOne(id);
    await rig.moves.pause(address);
    expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "paused", until: null });
    expect(await move(rig, "resume", "waiting")).toBe("illegal");
    expect((await rig.begin(batch)).word).toBe("wait");
    await move(rig, "resume", "paused");
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("resumed, clears nothing else: what stopped the campaign before stops it still", async ({ rig }) => {
    await shown(rig, "waiting");
    await rig.setCampaign(id, { hold: "first-batch" });
    await rig.moves.pause(address);
    await move(rig, "resume", "paused", true);
    expect(await rig.campaigns.get(address)).toMatchObject({ stopped: trouble, hold: "first-batch" });
    expect(await show(rig)).toBe("waiting");
  });
});

describe("a resume of a campaign that waits", () => {
  test("clears a stop for its content", async ({ rig }) => {
    const batch = await rig.planOne(id);
    await rig.setCampaign(id, { stopped: JSON.stringify(trouble) });
    await move(rig, "resume");
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("lifts the hold when it is told to, and only then", async ({ rig }) => {
    const [, second] = await twoOf(rig, id);
    await rig.setCampaign(id, { hold: "first-batch" });
    await move(rig, "resume");
    expect(await rig.begin(second)).toMatchObject({ word: "wait", reason: "first-batch" });
    await move(rig, "resume", "waiting", true);
    expect((await rig.begin(second)).word).toBe("go");
  });

  test("has trouble of the account tried again at once, which began when it began", async ({ rig }) => {
    const batch = await rig.planOne(id);
    const since = rig.clock.now();
    const block = { trouble, reason: "account", firstMs: 10 * minute, capMs: hour } as const;
    await rig.blocks.put(account, block, since);
    rig.clock.advance(minute);
    expect((await rig.begin(batch)).word).toBe("wait");
    await move(rig, "resume");
    expect(await rig.blocks.of(account)).toMatchObject({ since, until: rig.clock.now() });
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("leaves a stop of the account that has a time of its own", async ({ rig }) => {
    const batch = await rig.planOne(id);
    const till = rig.clock.now() + hour;
    await rig.blocks.put(account, { trouble, reason: "daily-quota", till }, rig.clock.now());
    await move(rig, "resume");
    expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "daily-quota", until: till });
  });
});

describe("a cancel", () => {
  test("lets no call begin, says why, and is for good", async ({ rig }) => {
    const batch = await rig.planOne(id);
    await rig.moves.pause(address);
    await rig.moves.cancel(address, "CANCELED");
    expect(await rig.campaigns.get(address)).toMatchObject({ state: "canceling", reason: "CANCELED" });
    expect(await show(rig)).toBe("canceling");
    expect(await rig.begin(batch)).toMatchObject({ word: "drop", why: "cancel" });
    expect(await rig.moves.cancel(address, "DEADLINE")).toBe("illegal");
    expect((await rig.campaigns.get(address)).reason).toBe("CANCELED");
  });

  test("by the deadline is told apart from a person's", async ({ rig }) => {
    const batch = await rig.planOne(id);
    await rig.moves.cancel(address, "DEADLINE");
    expect(await rig.begin(batch)).toMatchObject({ word: "drop", why: "deadline" });
  });

  test("stops the plan where it is: no shard, no batch and no start any more", async ({ rig }) => {
    const campaign = await rig.prepare(id);
    await rig.moves.cancel(address, "CANCELED");
    const plan = { planned: 1, audience: campaign.audience, sendableAt: 0 };
    expect(await rig.campaigns.startSending(campaign, plan)).toBe("canceling");
    expect(await rig.audiences.admit(campaign, "2031-03", admission(0, []))).toBe("stopped");
  });

  test("leaves a call that is under way to come back: accepted it is followed, not called it is dropped", async ({
    rig,
  }) => {
    const [one, two] = await twoOf(rig, id);
    const epoch = await rig.go(one);
    await rig.moves.cancel(address, "CANCELED");
    await rig.accept(one, "1001");
    expect(await rig.state(one)).toBe("accepted");
    expect(await rig.begin(two)).toMatchObject({ word: "drop", why: "cancel" });
    expect(epoch).toBe(1);
  });
});

describe("a campaign that starts later", () => {
  const starts = (rig: Rig) => rig.clock.now() + hour;

  test("is scheduled until it comes due", async ({ rig }) => {
    const campaign = await rig.prepare(id, { startAt: starts(rig) });
    expect(campaign.state).toBe("scheduled");
    expect(await rig.campaigns.comeDue(campaign, starts(rig) - 1)).toBe("scheduled");
    expect(await rig.campaigns.comeDue(campaign, starts(rig))).toBe("preparing");
    expect((await rig.campaigns.get(campaign)).version).toBe(2);
    expect(await rig.campaigns.comeDue(campaign, starts(rig))).toBe("preparing");
    expect((await rig.campaigns.get(campaign)).version).toBe(2);
  });

  test("is prepared at once when that is past", async ({ rig }) => {
    expect((await rig.prepare(id, { startAt: rig.clock.now() })).state).toBe("preparing");
  });

  test("comes due neither while it is paused nor after it was canceled", async ({ rig }) => {
    const campaign = await rig.prepare(id, { startAt: starts(rig) });
    await rig.moves.pause(address);
    expect(await rig.campaigns.comeDue(campaign, starts(rig))).toBe("scheduled");
    await rig.moves.cancel(address, "CANCELED");
    expect(await rig.campaigns.comeDue(campaign, starts(rig))).toBe("canceling");
  });

  test("is open, so that the reconciler looks after it", async ({ rig }) => {
    await rig.prepare(id, { startAt: starts(rig) });
    expect(await rig.campaigns.open(account)).toEqual([id]);
  });
});

describe("a hold", () => {
  const held = async (rig: Rig) => {
    const all = await rig.plan(id, [2, 2, 2]);
    await rig.setCampaign(id, { hold: "first-batch" });
    return all;
  };
  const lift = async (rig: Rig) => rig.campaigns.liftHold(await rig.campaigns.get(address));

  test("is lifted once its batch has succeeded, not before, and lifted once", async ({ rig }) => {
    const one = first(await held(rig));
    expect(await lift(rig)).toBe("held");
    await rig.go(one);
    await rig.accept(one, "1001");
    expect(await lift(rig)).toBe("held");
    await rig.end(one);
    expect(await lift(rig)).toBe("lifted");
    const { version, hold } = await rig.campaigns.get(address);
    expect(hold).toBeUndefined();
    expect(await lift(rig)).toBe("lifted");
    expect((await rig.campaigns.get(address)).version).toBe(version);
  });

  test.for(["failed", "needs_review"] as const)("stays when its batch is %s", async (state, { rig }) => {
    const one = first(await held(rig));
    await rig.go(one);
    await rig.accept(one, "1001");
    await rig.end(one, { state });
    expect(await lift(rig)).toBe("held");
  });

  test("passes to the next batch when nobody was left in its own", async ({ rig }) => {
    const [one, two, three] = await held(rig);
    if (!one || !two || !three) throw new Error("three");
    const before = await rig.campaigns.get(address);
    await rig.redis.hset(rig.keys.batch(account, id, 1), { state: "canceled", closedBy: "month" });
    expect(await rig.campaigns.liftHold(before)).toBe("passed");
    // Two workers that saw the same pass it on once.
    expect(await rig.campaigns.liftHold(before)).toBe("passed");
    expect(await rig.campaigns.get(address)).toMatchObject({ hold: "first-batch", firstBatch: 2 });
    expect(await rig.begin(three)).toMatchObject({ word: "wait", reason: "first-batch" });
    expect((await rig.begin(two)).word).toBe("go");
  });
});

describe("an account", () => {
  test("that is paused lets no call begin, and resumed lets them; either twice is the same", async ({
    rig,
  }) => {
    const batch = await rig.planOne(id);
    for (let time = 0; time < 2; time++) expect(await rig.moves.pauseAccount(account)).toBe("paused");
    expect(await rig.begin(batch)).toMatchObject({ word: "wait", reason: "account", until: null });
    expect(await rig.blocks.of(account)).toMatchObject({
      ...{ reason: "account", until: null, since: undefined, trouble: { code: "ACCOUNT_PAUSED" } },
    });
    for (let time = 0; time < 2; time++)
      expect(await rig.moves.resumeAccount(account, rig.clock.now())).toBe("active");
    expect(await rig.blocks.of(account)).toBeUndefined();
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("that is resumed tries trouble of its own at once, which began when it began", async ({ rig }) => {
    const batch = await rig.planOne(id);
    const since = rig.clock.now();
    const block = { trouble, reason: "account", firstMs: 10 * minute, capMs: hour } as const;
    await rig.blocks.put(account, block, since);
    await rig.moves.pauseAccount(account);
    rig.clock.advance(minute);
    await rig.moves.resumeAccount(account, rig.clock.now());
    expect(await rig.blocks.of(account)).toMatchObject({ since, until: rig.clock.now() });
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("stays paused when a call that was under way is accepted", async ({ rig }) => {
    const [one, two] = await twoOf(rig, id);
    await rig.go(one);
    await rig.moves.pauseAccount(account);
    await rig.accept(one, "1001");
    expect((await rig.begin(two)).word).toBe("wait");
  });
});

describe("a call is under way", () => {
  test("from begin until its outcome is recorded, whoever has the turn meanwhile", async ({ rig }) => {
    const [one, two] = await twoOf(rig, id);
    expect(await rig.moves.callsUnderWay(account)).toEqual([]);
    const epoch = await rig.go(one);
    const calls = [{ campaign: id, callAt: rig.clock.now() }];
    await rig.begin(two);
    expect(await rig.moves.callsUnderWay(account)).toEqual(calls);
    await rig.redis.hset(rig.keys.turn(account), { owner: idOf(two) });
    expect(await rig.moves.callsUnderWay(account)).toEqual(calls);
    await rig.doubt(one, epoch);
    expect(await rig.moves.callsUnderWay(account)).toEqual([]);
    rig.clock.advance(minute);
    expect((await rig.begin(two)).word).toBe("go");
    expect(await rig.moves.callsUnderWay(account)).toHaveLength(1);
  });
});
