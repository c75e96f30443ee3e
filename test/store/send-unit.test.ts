import { describe, expect } from "vitest";
import { type BatchAddress, idOf } from "../../src/store/keys.ts";
import { createPeople } from "./quota-rig.ts";
import { hour, minute, type Rig, test, twoOf } from "./rig.ts";

const oneADay = { sendCalls: 1, sendUnit: "batch" } as const;
const missed = { neverLeft: true, delayMs: 1_000, capMs: minute };
const wait = (rig: Rig) => ({ word: "wait", reason: "daily-quota", until: rig.limits().dayEndsAt });

/** A call of a subscription account, and its answer. */
async function call(
  rig: Rig,
  batch: BatchAddress,
  answer: "doubt" | "not-now" | "never-left",
): Promise<void> {
  const epoch = await rig.go(batch, oneADay);
  if (answer === "doubt") await rig.doubt(batch, epoch);
  else await rig.postpone(batch, epoch, { sendUnit: "batch", ...(answer === "never-left" && missed) });
  rig.clock.advance(4 * hour);
}

describe("a subscription account's unit", () => {
  test("is one for all calls of a batch on a day, and no other batch gets it", async ({ rig }) => {
    rig.clock.set("2031-03-04T01:00:00+08:00");
    const [one, two] = await twoOf(rig);
    await call(rig, one, "doubt");
    await call(rig, one, "doubt");
    expect(await rig.units()).toEqual([idOf(one)]);
    expect(await rig.begin(two, oneADay)).toMatchObject(wait(rig));
    await call(rig, one, "doubt");
    expect((await rig.get(one)).calls).toBe(3);
  });

  test.for(["not-now", "never-left"] as const)(
    "goes back when its one call is %s",
    async (answer, { rig }) => {
      const [one, two] = await twoOf(rig);
      await call(rig, one, answer);
      expect(await rig.units()).toEqual([]);
      expect((await rig.begin(two, oneADay)).word).toBe("go");
    },
  );

  test("goes back when WeChat refuses for good", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.refuse(one, await rig.go(one, oneADay), "batch", { sendUnit: "batch" });
    expect(await rig.units()).toEqual([]);
    expect((await rig.begin(two, oneADay)).word).toBe("go");
  });

  test("stays when nobody can tell what the answer means", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.refuse(batch, await rig.go(batch, oneADay), "review", { sendUnit: "batch" });
    expect(await rig.units()).toEqual([idOf(batch)]);
  });

  test("stays when the send came through", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch, oneADay);
    await rig.accept(batch, "1000");
    expect(await rig.units()).toEqual([idOf(batch)]);
  });

  test.for(["not-now", "never-left"] as const)(
    "stays when a repeat is %s, for it speaks for its own call only",
    async (answer, { rig }) => {
      rig.clock.set("2031-03-04T01:00:00+08:00");
      const batch = await rig.planOne();
      await call(rig, batch, "doubt");
      await call(rig, batch, answer);
      expect(await rig.state(batch)).toBe("unknown");
      expect(await rig.units()).toEqual([idOf(batch)]);
    },
  );

  test("stays when a repeat is refused for good", async ({ rig }) => {
    const batch = await rig.planOne();
    await call(rig, batch, "doubt");
    await rig.refuse(batch, await rig.go(batch, oneADay), "batch", { sendUnit: "batch" });
    expect(await rig.state(batch)).toBe("needs_review");
    expect(await rig.units()).toEqual([idOf(batch)]);
  });

  test("is another one on another day, and goes back there", async ({ rig }) => {
    rig.clock.set("2031-03-04T21:00:00+08:00");
    const [one, two] = await twoOf(rig);
    await call(rig, one, "doubt");
    await call(rig, one, "not-now");
    expect(await rig.units("2031-03-04")).toEqual([idOf(one)]);
    expect(await rig.units("2031-03-05")).toEqual([]);
    expect((await rig.begin(two, oneADay)).word).toBe("go");
    expect(await rig.begin(one, oneADay)).toMatchObject({ word: "wait", reason: "turn" });
  });

  test("is held up by another batch's on another day", async ({ rig }) => {
    rig.clock.set("2031-03-04T21:00:00+08:00");
    const one = await rig.planOne();
    await call(rig, one, "doubt");
    await rig.spend("2031-03-05", 1);
    expect(await rig.begin(one, oneADay)).toMatchObject(wait(rig));
  });
});

describe("the budget over all calls", () => {
  test("stops sends that have units left, and counts each call of a subscription account", async ({
    rig,
  }) => {
    const [one, two] = await twoOf(rig);
    const limits = { ...oneADay, sendCalls: 5, allCalls: 3 };
    await createPeople(rig).hold("a", "upload");
    await rig.doubt(one, await rig.go(one, limits));
    rig.clock.advance(minute);
    await rig.doubt(one, await rig.go(one, limits));
    expect(await rig.begin(two, limits)).toMatchObject(wait(rig));
    rig.clock.advance(4 * minute);
    expect(await rig.begin(one, limits)).toMatchObject(wait(rig));
    expect(await rig.units()).toEqual([idOf(one)]);
  });

  test("counts polls, and stops them until the next day", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.accept(one, "1000");
    const until = rig.limits().dayEndsAt;
    expect(await rig.poll(one, { allCalls: 1 })).toEqual({ word: "go", until: 0 });
    expect(await rig.poll(one, { allCalls: 1 })).toEqual({ word: "wait", until });
    expect(await rig.begin(two, { allCalls: 1 })).toMatchObject({ ...wait(rig) });
    expect((await rig.get(one)).polls).toBe(1);
    rig.clock.set(until);
    expect(await rig.poll(one, { allCalls: 1 })).toEqual({ word: "go", until: 0 });
  });

  test("is not asked of polls where there is none, not even before midnight", async ({ rig }) => {
    const batch = await rig.planOne();
    rig.clock.set(rig.limits().dayEndsAt - 1);
    expect(await rig.poll(batch, { allCalls: 100 })).toMatchObject({ word: "wait" });
    expect(await rig.poll(batch)).toMatchObject({ word: "go" });
  });

  test("has room again for what never left", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await rig.postpone(one, await rig.go(one, { allCalls: 1 }), missed);
    expect((await rig.begin(two, { allCalls: 1 })).word).toBe("go");
  });
});
