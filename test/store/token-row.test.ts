import { describe, expect } from "vitest";
import { createTokens } from "../../src/store/tokens.ts";
import { createOutcome } from "../../workers/outcome.ts";
import { account, hour, minute, type Rig, test, timing, trouble, twoOf } from "./rig.ts";

type Address = Parameters<Rig["go"]>[0];

/** A call of this batch whose token WeChat refuses, and how long the account is stopped then, in minutes. */
async function refuse(rig: Rig, address: Address, token: string): Promise<number> {
  const { redis, keys, clock } = rig;
  const tokens = createTokens(redis, keys);
  const record = createOutcome({
    calls: rig.calls,
    tokenOf: () =>
      ({ drop: async (bad: string) => (await tokens.drop({ account, token: bad })) === "dropped" }) as never,
    remedyOf: (errcode) => `see ${errcode}`,
    wakeBatch: async () => {},
    replaceMedia: async () => "never" as const,
    resendWaitMs: minute,
    clock,
  });
  const { day, dayEndsAt } = rig.limits();
  const [batch, epoch] = [await rig.get(address), await rig.go(address)];
  const call = { address, batch, epoch, day, dayEndsAt, token, leaseMs: timing.leaseMs };
  const job = { note: async () => {} } as never;
  await record(
    { ...call, job, sendUnit: "call" },
    { kind: "token", error: { errcode: 40001, message: "no" } },
  );
  return ((await rig.blocks.of(account))?.until ?? clock.now()) / minute - clock.now() / minute;
}

describe("a refused token", () => {
  test("stops nobody: the batch may go again at once", async ({ rig }) => {
    const batch = await rig.planOne();
    expect(await refuse(rig, batch, "T1")).toBe(0);
    expect(await rig.blocks.of(account)).toBeUndefined();
    expect(await rig.get(batch)).toMatchObject({ state: "planned", trouble: { code: "TOKEN_REFUSED" } });
    expect((await rig.begin(batch)).word).toBe("go");
  });

  test("is trouble of the account as the second in a row, whichever batches they met", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await refuse(rig, one, "T1");
    rig.clock.advance(15 * minute - 1);
    expect(await refuse(rig, two, "T2")).toBe(10);
    expect(await rig.blocks.of(account)).toMatchObject({
      reason: "account",
      trouble: { code: "TOKEN_REFUSED", errcode: 40001, remedy: "see 40001" },
    });
  });

  test("is a first one again 15 minutes after the last", async ({ rig }) => {
    const batch = await rig.planOne();
    await refuse(rig, batch, "T1");
    rig.clock.advance(15 * minute);
    expect(await refuse(rig, batch, "T2")).toBe(0);
  });

  test("is a first one again when a call was accepted in between", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await refuse(rig, one, "T1");
    await rig.go(two);
    await rig.accept(two, "1001");
    expect(await refuse(rig, one, "T2")).toBe(0);
  });

  test("counts once, though several calls had it", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    await refuse(rig, one, "T1");
    expect(await refuse(rig, two, "T1")).toBe(0);
    expect(await refuse(rig, two, "T2")).toBe(10);
  });

  test("is enough alone behind a stop, and each stop is longer", async ({ rig }) => {
    const batch = await rig.planOne();
    await refuse(rig, batch, "T1");
    const stops: number[] = [];
    for (const token of ["T2", "T3", "T4", "T5", "T6"]) {
      stops.push(await refuse(rig, batch, token));
      rig.clock.set((await rig.blocks.of(account))?.until ?? 0);
    }
    expect(stops).toEqual([10, 20, 40, 60, 60]);
  });
});

describe("a resume by a person", () => {
  const moves: [string, (rig: Rig, address: Address) => Promise<unknown>][] = [
    ["the account", (rig) => rig.moves.resumeAccount(account, rig.clock.now())],
    [
      "a campaign of it",
      async (rig, { campaign: id }) => {
        const how = { from: "waiting", lift: false } as const;
        expect(await rig.moves.resume({ account, id }, how, rig.clock.now())).toBe("moved");
      },
    ],
  ];

  test.for(moves)(
    "of %s forgets the row: the next stop begins at ten minutes",
    async ([, resume], { rig }) => {
      const batch = await rig.planOne();
      const since = rig.clock.now();
      for (const token of ["T1", "T2"]) await refuse(rig, batch, token);
      for (const time of [1, 2, 3]) {
        rig.clock.advance(minute);
        await resume(rig, batch);
        expect(await refuse(rig, batch, `T${time}a`)).toBe(0);
        expect(await refuse(rig, batch, `T${time}b`)).toBe(10);
        expect(await rig.blocks.of(account)).toMatchObject({ since });
      }
    },
  );

  test.for(moves)(
    "of %s forgets which token was refused, and any may be tried",
    async ([, resume], { rig }) => {
      const batch = await rig.planOne();
      const tokens = createTokens(rig.redis, rig.keys);
      await refuse(rig, batch, "T1");
      await resume(rig, batch);
      const now = rig.clock.now();
      await tokens.lease({ account, holder: "a", now, leaseMs: minute });
      const forcing = { forced: false, forceEveryMs: minute, forceAgainMs: minute, forcesPerDay: 20 };
      const fetched = { token: "T1", renewAt: now + hour, expiresAt: now + 2 * hour, ...forcing };
      expect(await tokens.write({ account, holder: "a", now, ...fetched })).toEqual({ kind: "written" });
    },
  );

  test.for(moves)(
    "of %s begins other trouble of the account at ten minutes, too",
    async ([, resume], { rig }) => {
      const batch = await rig.planOne();
      const block = { reason: "account", firstMs: 10 * minute, capMs: hour, trouble } as const;
      for (const longMs of [10, 20].map((minutes) => minutes * minute)) {
        expect(await rig.blocks.put(account, block, rig.clock.now())).toBe(rig.clock.now() + longMs);
        rig.clock.advance(longMs);
      }
      await resume(rig, batch);
      expect(await rig.blocks.put(account, block, rig.clock.now())).toBe(rig.clock.now() + 10 * minute);
    },
  );
});
