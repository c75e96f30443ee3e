import { describe, expect } from "vitest";
import { type BatchAddress, idOf } from "../../src/store/keys.ts";
import { account, hour, minute, type Rig, second, test, timing, twoOf } from "./rig.ts";

const wide = { sendCalls: 10_000, minuteCalls: 10_000 };

/** Who is called when every batch asks in this order, and each call is accepted before the next begins. */
async function serve(rig: Rig, asking: readonly BatchAddress[]): Promise<string[]> {
  const byId = new Map(asking.map((batch) => [idOf(batch) as string, batch]));
  const served: string[] = [];
  const [opener] = asking;
  if (!opener) return served;
  await rig.go(opener, wide);
  for (const batch of asking.slice(1)) await rig.begin(batch, wide);
  for (let batch: BatchAddress | undefined = opener; batch; ) {
    served.push(idOf(batch));
    const { next } = await rig.accept(batch, `${1000 + served.length}`);
    batch = byId.get(next);
    if (batch) await rig.go(batch, wide);
  }
  return served;
}

const campaignsOf = (served: readonly string[]) => served.map((id) => id.slice(0, id.indexOf("~")));

describe("the turn of an account", () => {
  test("is one batch's at a time", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.go(one);
    expect(await rig.begin(two)).toEqual({ word: "wait", reason: "turn", until: null, next: "" });
    expect(await rig.state(two)).toBe("planned");
    expect(await rig.units()).toHaveLength(1);
  });

  test("is had by one only, however many ask at once", async ({ rig }) => {
    const planned = await rig.plan("offer", new Array(20).fill(2));
    const gates = await Promise.all(planned.map((batch) => rig.begin(batch)));
    expect(gates.filter(({ word }) => word === "go")).toHaveLength(1);
  });

  test("of one account does not hold up another", async ({ rig }) => {
    await rig.redis.hset(rig.keys.turn("other"), { owner: "x~1", until: rig.clock.now() + hour });
    await rig.go(await rig.planOne());
    expect(await rig.redis.hget(rig.keys.turn("other"), "owner")).toBe("x~1");
  });

  test("goes on to who has waited longest, and the one who gives it up says to whom", async ({ rig }) => {
    const planned = await rig.plan("offer", new Array(5).fill(2));
    expect(await serve(rig, planned)).toEqual(planned.map(idOf));
    expect(await rig.turnOwner()).toBe("");
  });

  test("marks the batch that got it, so that its job does not fall asleep over it", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    const other = await rig.planOne("other");
    await rig.go(one);
    await rig.begin(other);
    expect((await rig.batches.marks(other)).hasTurn).toBe(false);
    await rig.accept(one, "1000");
    expect((await rig.batches.marks(other)).hasTurn).toBe(true);
    expect((await rig.batches.marks(two)).hasTurn).toBe(false);
  });

  test("is kept by who is stopped in it by nothing but its own call, asked twice", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    const epoch = await rig.go(one);
    await rig.begin(two);
    await rig.begin(two);
    expect(await rig.redis.zcard(rig.keys.turnQueue(account))).toBe(1);
    expect((await rig.postpone(one, epoch)).next).toBe(idOf(two));
    expect(await rig.begin(one)).toMatchObject({ reason: "turn" });
    expect(await rig.begin(two)).toMatchObject({ word: "go" });
  });

  test("is waited for in the place once taken, however often a batch asks", async ({ rig }) => {
    const [one, two, three] = await rig.plan("offer", [2, 2, 2]);
    if (!one || !two || !three) throw new Error("three batches");
    const epoch = await rig.go(one);
    for (const batch of [two, three, two, two]) await rig.begin(batch);
    expect((await rig.postpone(one, epoch)).next).toBe(idOf(two));
  });

  test("passes on at once from a batch that something else stops", async ({ rig }) => {
    const [one, two, other] = [await rig.planOne("a"), await rig.planOne("b"), await rig.planOne("c")];
    const epoch = await rig.go(one);
    await rig.begin(two);
    await rig.begin(other);
    await rig.setCampaign(two.campaign, { paused: "true" });
    expect((await rig.postpone(one, epoch)).next).toBe(idOf(two));
    expect(await rig.begin(two)).toEqual({ word: "wait", reason: "paused", until: null, next: idOf(other) });
    expect((await rig.begin(other)).word).toBe("go");
  });

  test("can be left before the gate is asked: then it goes to the next, or the place in the queue does", async ({
    rig,
  }) => {
    const [one, two, three] = await rig.plan("offer", [2, 2, 2]);
    if (!one || !two || !three) throw new Error("three batches");
    const leave = (batch: BatchAddress) => rig.calls.leaveTurn(batch, timing.leaseMs, rig.clock.now());
    const epoch = await rig.go(one);
    await rig.begin(two);
    await rig.begin(three);
    expect((await rig.postpone(one, epoch)).next).toBe(idOf(two));
    expect(await leave(one)).toBe("");
    expect(await leave(two)).toBe(idOf(three));
    expect(await leave(three)).toBe("");
    expect(await rig.turnOwner()).toBe("");
  });

  test("is not waited for any more by a batch that is paused while it stands in the queue", async ({
    rig,
  }) => {
    const [one, two] = [await rig.planOne("one"), await rig.planOne("two")];
    const epoch = await rig.go(one);
    await rig.begin(two);
    await rig.setCampaign(two.campaign, { paused: "true" });
    await rig.begin(two);
    expect((await rig.postpone(one, epoch)).next).toBe("");
  });
});

describe("fairness", () => {
  test("a campaign of a hundred does not hold up one of three that came later", async ({ rig }) => {
    const large = await rig.plan("large", new Array(100).fill(2));
    const small = await rig.plan("small", [2, 2, 2]);
    const served = campaignsOf(await serve(rig, [...large, ...small]));
    expect(served).toHaveLength(103);
    expect(served.lastIndexOf("small")).toBeLessThan(8);
  });

  test("campaigns take turns, one that joins does not make up for what it has not asked", async ({ rig }) => {
    const [a, b] = [await rig.plan("a", new Array(6).fill(2)), await rig.plan("b", new Array(6).fill(2))];
    const served = campaignsOf(await serve(rig, [...a, ...b]));
    const firstEight = served.slice(0, 8);
    expect(firstEight.filter((id) => id === "a").length).toBeGreaterThanOrEqual(3);
    expect(firstEight.filter((id) => id === "b").length).toBeGreaterThanOrEqual(3);
  });

  test("one that joins in the middle is served among the others, not after them, not before them all", async ({
    rig,
  }) => {
    const large = await rig.plan("large", new Array(40).fill(2));
    const late = await rig.plan("late", [2, 2, 2]);
    const [opener] = large;
    if (!opener) throw new Error("no batch");
    await rig.go(opener, wide);
    for (const batch of large.slice(1)) await rig.begin(batch, wide);
    const all = new Map([...large, ...late].map((batch) => [idOf(batch) as string, batch]));
    const served: string[] = [];
    for (let batch: BatchAddress | undefined = opener; batch; ) {
      served.push(batch.campaign);
      if (served.length === 20) for (const each of late) await rig.begin(each, wide);
      const { next } = await rig.accept(batch, `${1000 + served.length}`);
      batch = all.get(next);
      if (batch) await rig.go(batch, wide);
    }
    const places = served.flatMap((id, at) => (id === "late" ? [at] : []));
    expect(served).toHaveLength(43);
    expect(Math.max(...places)).toBeLessThan(28);
  });
});

describe("a turn whose owner has died", () => {
  test("is taken by the next one who asks once its lease is over", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.go(one);
    rig.clock.advance(timing.leaseMs - 1);
    expect(await rig.begin(two)).toMatchObject({ reason: "turn" });
    rig.clock.advance(1);
    expect((await rig.begin(two)).word).toBe("go");
  });

  test("goes to who waits longest, not to who asks by chance", async ({ rig }) => {
    const [one, two, three] = await rig.plan("offer", [2, 2, 2]);
    if (!one || !two || !three) throw new Error("three batches");
    await rig.go(one);
    await rig.begin(two);
    rig.clock.advance(timing.leaseMs);
    expect(await rig.begin(three)).toEqual({ word: "wait", reason: "turn", until: null, next: idOf(two) });
    expect(await rig.turnOwner()).toBe(idOf(two));
  });

  test("is handed on by the reconciler", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.go(one);
    await rig.begin(two);
    const expire = () => rig.calls.expireTurn(account, timing.leaseMs, rig.clock.now());
    rig.clock.advance(timing.leaseMs - 1);
    expect(await expire()).toBe(idOf(one));
    rig.clock.advance(1);
    expect(await expire()).toBe(idOf(two));
    rig.clock.advance(timing.leaseMs);
    expect(await expire()).toBe("");
    expect(await rig.redis.exists(rig.keys.turn(account))).toBe(0);
  });

  test("is not given up by the record of its call, which comes too late", async ({ rig }) => {
    const [one, two, three] = await rig.plan("offer", [2, 2, 2]);
    if (!one || !two || !three) throw new Error("three batches");
    const epoch = await rig.go(one);
    rig.clock.advance(timing.leaseMs);
    await rig.go(two);
    await rig.begin(three);
    expect(await rig.doubt(one, epoch)).toMatchObject({ state: "unknown", next: "" });
    expect(await rig.turnOwner()).toBe(idOf(two));
  });

  test("has its lease anew with every call that it lets through", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    const epoch = await rig.go(one);
    await rig.begin(two);
    await rig.postpone(one, epoch);
    rig.clock.advance(timing.leaseMs - second);
    await rig.go(two);
    rig.clock.advance(timing.leaseMs - second);
    expect(await rig.begin(one, { sendCalls: 100 })).toMatchObject({ reason: "turn" });
    rig.clock.advance(minute);
    expect((await rig.begin(one)).word).toBe("go");
  });
});
