import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AudienceCounts } from "../../src/campaign/report.ts";
import { type Asked, createTestDryRun, free } from "../support/dry-run.ts";

const openid = (at: number) => `oAbCdEfGhIjKlMnOpQrSt${String(at).padStart(7, "0")}`;
const openids = (count: number) => Array.from({ length: count }, (_, at) => openid(at));
const campaign = (list: readonly unknown[], more: Record<string, unknown> = {}) => ({
  account: "acme",
  message: { msgtype: "text", text: { content: "hello" } },
  audience: { type: "openids", openids: list },
  ...more,
});

const now = Date.parse("2026-03-02T10:00:00+08:00");

describe("the audience of a dry run", () => {
  test("is counted as the plan would: malformed, twice, at the cap, admitted", async () => {
    const dryRun = createTestDryRun({ used: { [openid(1)]: 4, [openid(2)]: 3 } });
    const list = [...openids(5), "bad", 7, openid(1), ` ${openid(3)} `];
    const { audience, calls, batches, finishesAt, reason } = await dryRun(campaign(list));
    expect(audience).toEqual({
      ...{ received: 9, invalid: 2, duplicate: 2, excluded: 0, capped: 1, admitted: 4 },
    });
    expect({ calls, batches, finishesAt, reason }).toEqual({
      calls: { needed: 1, leftToday: 100 },
      batches: [{ number: 1, size: 4, at: now }],
      finishesAt: now,
      reason: null,
    });
  });

  test("leaves out who has unfollowed, whether or not they are at the cap", async () => {
    const unfollowed = [openid(0), openid(1), openid(9)];
    const dryRun = createTestDryRun({ used: { [openid(1)]: 4, [openid(2)]: 4 }, unfollowed });
    const { audience, reason } = await dryRun(campaign([...openids(5), openid(0)]));
    expect(audience).toEqual({
      ...{ received: 6, invalid: 0, duplicate: 1, excluded: 2, capped: 1, admitted: 2 },
    });
    expect(reason).toBeNull();
    const { audience: alone } = await dryRun(campaign(openids(4)));
    expect(alone).toMatchObject({ excluded: 3, capped: 1, admitted: 0 });
  });

  test("is cut into full batches, no one alone", async () => {
    const { batches, calls } = await createTestDryRun()(campaign(openids(20_001)));
    expect(batches.map(({ number, size }) => [number, size])).toEqual([
      [1, 10_000],
      [2, 9_999],
      [3, 2],
    ]);
    expect(calls.needed).toBe(3);
  });

  test("is under the lower cap of account and campaign", async () => {
    const used = { [openid(0)]: 1, [openid(1)]: 2, [openid(2)]: 3 };
    const capped = async (account: number, campaigns?: number) => {
      const dryRun = createTestDryRun({ used, account: { limits: { perUserPerMonth: account } } });
      const more = campaigns === undefined ? {} : { perUserPerMonth: campaigns };
      return (await dryRun(campaign(openids(9), more))).audience?.capped;
    };
    expect(await capped(4)).toBe(0);
    expect(await capped(3)).toBe(1);
    expect(await capped(4, 1)).toBe(3);
    expect(await capped(2, 4)).toBe(2);
  });

  test("of one person alone is excluded, and nothing is needed", async () => {
    const dryRun = createTestDryRun({ used: { [openid(1)]: 4 } });
    expect(await dryRun(campaign([...openids(2), openid(0), "bad"]))).toEqual({
      audience: { received: 4, invalid: 1, duplicate: 1, excluded: 1, capped: 1, admitted: 0 },
      calls: { needed: 0, leftToday: 100 },
      batches: [],
      finishesAt: null,
      reason: "NOBODY_TO_SEND",
    });
  });

  test("of nobody is counted too", async () => {
    const used = { [openid(0)]: 4, [openid(1)]: 5 };
    const { audience, reason } = await createTestDryRun({ used })(campaign(openids(2)));
    expect(audience).toMatchObject({ received: 2, capped: 2, excluded: 0, admitted: 0 });
    expect(reason).toBe("NOBODY_TO_SEND");
    expect((await createTestDryRun()(campaign(["bad"]))).audience).toMatchObject({ invalid: 1, admitted: 0 });
  });

  test("with anybody at the cap is not sent to at all where the campaign says so", async () => {
    const dryRun = createTestDryRun({ used: { [openid(1)]: 4 } });
    const fail = { overCap: "fail" };
    expect(await dryRun(campaign(openids(30_000), fail))).toMatchObject({
      audience: { received: 30_000, capped: 1, excluded: 29_999, admitted: 0 },
      calls: { needed: 0, leftToday: 100 },
      batches: [],
      finishesAt: null,
      reason: "OVER_CAP",
    });
    expect(await createTestDryRun()(campaign(openids(3), fail))).toMatchObject({ reason: null });
    expect(await dryRun(campaign(openids(3), { overCap: "skip" }))).toMatchObject({ reason: null });
  });

  test("adds up, whatever the list", async () => {
    const entry = fc.oneof(fc.integer({ min: 0, max: 8 }).map(openid), fc.string(), fc.constant(null));
    const used = fc.dictionary(fc.integer({ min: 0, max: 8 }).map(openid), fc.integer({ min: 0, max: 6 }));
    const drawn = [
      fc.array(entry, { minLength: 1, maxLength: 12 }),
      used,
      fc.constantFrom("skip", "fail"),
    ] as const;
    await fc.assert(
      fc.asyncProperty(...drawn, async (list, used, overCap) => {
        const { audience, batches } = await createTestDryRun({ used })(campaign(list, { overCap }));
        const { received, invalid, duplicate, excluded, capped, admitted } = AudienceCounts.parse(audience);
        expect(received).toBe(list.length);
        expect(invalid + duplicate + excluded + capped + admitted).toBe(received);
        expect(batches.reduce((sum, { size }) => sum + (size ?? 0), 0)).toBe(admitted);
      }),
    );
  });
});

describe("the cap of a dry run", () => {
  test("is asked about everybody once, for the month of the start", async () => {
    const asked: Asked[] = [];
    const dryRun = createTestDryRun({ asked });
    await dryRun(campaign([openid(1), openid(2), openid(1), "bad"]));
    await dryRun(campaign([openid(1)], { schedule: { startAt: "2026-03-31T16:00:00Z" } }));
    await dryRun(campaign([openid(1)], { schedule: { startAt: "2025-12-31T00:00:00+08:00" } }));
    expect(asked).toEqual([
      { account: "acme", month: "2026-03", people: [openid(1), openid(2)] },
      { account: "acme", month: "2026-04", people: [openid(1)] },
      { account: "acme", month: "2026-03", people: [openid(1)] },
    ]);
  });
});

describe("the calls of a dry run", () => {
  const run = (schedule: Record<string, unknown>, of: Parameters<typeof createTestDryRun>[0] = {}) =>
    createTestDryRun(of)(campaign(openids(20_000), { schedule }));
  const window = { from: "12:00", to: "13:00" };

  test("keep the account's window where the campaign has none, else the campaign's", async () => {
    const account = { window };
    expect(await run({}, { account })).toMatchObject({ finishesAt: now + 2 * 3_600_000 });
    const own = { window: { from: "09:00", to: "11:00" } };
    expect(await run(own, { account })).toMatchObject({ finishesAt: now });
  });

  test("wait for the start", async () => {
    const { finishesAt } = await run({ startAt: "2026-03-02T11:00:00+08:00" });
    expect(finishesAt).toBe(now + 3_600_000);
  });

  test("end at the deadline: what would come later has no time", async () => {
    const outlook = { ...free, sends: { left: 1, perDay: 1 } };
    expect(await run({ deadline: "2026-03-02T12:00:00+08:00" }, { outlook })).toMatchObject({
      calls: { needed: 2, leftToday: 1 },
      batches: [{ at: now }, { at: null }],
      finishesAt: null,
      reason: "DEADLINE",
    });
  });

  test("have no time while a person has paused the account", async () => {
    const outlook = { ...free, blockedUntil: null };
    expect(await run({}, { outlook })).toMatchObject({
      batches: [{ at: null }, { at: null }],
      finishesAt: null,
      reason: "PAUSED",
    });
  });
});

test("a dry run of what is no campaign says what is wrong", async () => {
  await expect(createTestDryRun()({ account: "acme" })).rejects.toMatchObject({ code: "BAD_CAMPAIGN" });
});
