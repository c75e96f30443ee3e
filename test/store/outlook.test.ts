import fc from "fast-check";
import { describe, expect } from "vitest";
import { Account } from "../../src/campaign/account.ts";
import { createDryRun } from "../../src/campaign/dry-run.ts";
import { forecast, type Outlook } from "../../src/campaign/forecast.ts";
import { createOutlook } from "../../src/store/outlook.ts";
import { createAudienceCensus } from "../../workers/census.ts";
import { createExcludeAll } from "../../workers/exclusion.ts";
import { account, minute, openRig, type Rig, second, test, text, trouble } from "./rig.ts";

const acme = Account.parse({
  ...{ id: account, appid: "wx0123456789abcdef", secret: "secret", kind: "service", token: "token" },
});
const quota = { send: { limit: 100, left: 100 }, allCalls: null };

const plain = { quotaOf: async () => quota };

/** What the ledger shows of the account. */
function look(rig: Rig, of: Partial<Parameters<typeof createOutlook>[0]> = {}): Promise<Outlook> {
  return createOutlook({ ...rig, ...plain, ...of })(acme, rig.clock.now());
}

describe("the outlook of an account", () => {
  test("with nothing going on is free", async ({ rig }) => {
    expect(await look(rig)).toEqual({
      blockedUntil: 0,
      sends: { left: 100, perDay: 100 },
      minute: { takenAt: [], limit: 50 },
      others: [],
    });
  });

  test("has the tighter one of the budgets over sends and over all calls", async ({ rig }) => {
    const quotaOf = async () => ({ ...quota, allCalls: { limit: 10, left: 3 } });
    expect((await look(rig, { quotaOf })).sends).toEqual({ left: 3, perDay: 10 });
    const wide = async () => ({ ...quota, allCalls: { limit: 1_000, left: 300 } });
    expect((await look(rig, { quotaOf: wide })).sends).toEqual({ left: 100, perDay: 100 });
  });

  test("has the calls of the last minute, by when they were made", async ({ rig }) => {
    const [one, two] = await rig.plan("offer", [2, 2]);
    if (!one || !two) throw new Error("two batches");
    const start = rig.clock.now();
    await rig.go(one);
    await rig.accept(one, "1000");
    rig.clock.advance(30 * second);
    await rig.go(two);
    expect((await look(rig)).minute.takenAt).toEqual([start, start + 30 * second]);
    rig.clock.advance(30 * second);
    expect((await look(rig)).minute.takenAt).toEqual([start + 30 * second]);
  });

  test("is blocked until WeChat's stop is over, or while a person has paused the account", async ({
    rig,
  }) => {
    const now = rig.clock.now();
    await rig.blocks.put(account, { trouble, reason: "daily-quota", till: now + minute }, now);
    expect((await look(rig)).blockedUntil).toBe(now + minute);
    await rig.redis.hset(rig.keys.account(account), "paused", "1");
    expect((await look(rig)).blockedUntil).toBeNull();
  });

  test("counts the batches of other campaigns that no call was made for", async ({ rig }) => {
    const [called, doubtful] = await rig.plan("offer", [2, 2, 2, 2, 2]);
    if (!called || !doubtful) throw new Error("five batches");
    await rig.go(called);
    await rig.accept(called, "1000");
    await rig.doubt(doubtful, await rig.go(doubtful));
    rig.clock.advance(second);
    await rig.plan("later", [2, 2]);
    expect((await look(rig)).others.map(({ batches }) => batches)).toEqual([3, 2]);
  });

  test("has schedule and window of other campaigns", async ({ rig }) => {
    await rig.planOne();
    const now = rig.clock.now();
    await rig.setCampaign("offer", { deadline: now + minute, windowFrom: 540, windowTo: 1_260 });
    expect((await look(rig)).others).toEqual([
      { batches: 1, startAt: undefined, deadline: now + minute, window: { from: 540, to: 1_260 } },
    ]);
  });

  test("has the account's window for other campaigns that have none", async ({ rig }) => {
    await rig.planOne();
    const { others } = await createOutlook({ ...rig, ...plain })(
      { ...acme, window: { from: "09:00", to: "21:00" } },
      rig.clock.now(),
    );
    expect(others).toMatchObject([{ window: { from: 540, to: 1_260 } }]);
  });

  test("reckons campaigns that are not planned yet from their lists", async ({ rig }) => {
    const startAt = rig.clock.now() + minute;
    const audience = { received: 25_010, invalid: 9, duplicate: 0, excluded: 0, capped: 0, admitted: 0 };
    await rig.prepare("offer", { audience, startAt });
    expect((await look(rig)).others).toMatchObject([{ batches: 3, startAt }]);
  });

  test("leaves out campaigns that do not go on by themselves", async ({ rig }) => {
    const fields = [
      { paused: "true" },
      { state: "canceling" },
      { stopped: JSON.stringify(trouble) },
      { refused: JSON.stringify(trouble) },
    ];
    for (const [index, field] of fields.entries()) {
      await rig.planOne(`offer-${index}`);
      await rig.setCampaign(`offer-${index}`, field);
    }
    expect((await look(rig)).others).toEqual([]);
  });
});

const openid = (at: number) => `oAbCdEfGhIjKlMnOpQrSt${String(at).padStart(7, "0")}`;

test("a dry run beside campaigns under way changes no key of the account", async ({ rig }) => {
  const { clock } = rig;
  const [one, two] = await rig.plan("offer", [2, 2, 2]);
  if (!one || !two) throw new Error("three batches");
  await rig.go(one);
  await rig.accept(one, "1000");
  await rig.doubt(two, await rig.go(two));
  await rig.prepare("soon", { startAt: clock.now() + minute });
  const contents = async () => {
    const keys = (await rig.redis.keys(`{${rig.name}*`)).sort();
    const dumps = await Promise.all(keys.map((key) => rig.redis.dumpBuffer(key)));
    return keys.map((key, at) => [key, dumps[at]?.toString("base64")]);
  };
  const before = await contents();
  expect(before.length).toBeGreaterThan(8);

  const dryRun = createDryRun({
    accounts: new Map([[account, { ...acme, limits: { ...acme.limits, callsPerMinute: 1 } }]]),
    outlookOf: createOutlook({ ...rig, ...plain }),
    count: createAudienceCensus({ ...rig, excludeAll: createExcludeAll(rig) }),
    notifyFault: rig.notifyFault,
    clock,
  });
  const openids = Array.from({ length: 30_000 }, (_, at) => openid(at));
  const run = await dryRun({ account, message: text, audience: { type: "openids", openids } });
  expect(run.batches.map(({ at }) => (at ?? 0) - clock.now())).toEqual([2, 3, 4].map((at) => at * minute));
  expect(await contents()).toEqual(before);
});

const whole = (min: number, max: number) => fc.integer({ min, max });
const window = fc
  .record({ windowFrom: whole(0, 1_439), windowTo: whole(0, 1_439) })
  .filter(({ windowFrom, windowTo }) => windowFrom !== windowTo);
const drawn = {
  size: whole(1, 8),
  left: whole(0, 5),
  perDay: whole(1, 5),
  limit: whole(1, 3),
  passed: whole(0, 12 * 3_600 - 1),
  window: fc.option(window, { nil: undefined }),
  deadlineIn: fc.option(whole(1, 2 * 86_400), { nil: undefined }),
};

test("begin lets each batch through when the forecast says, and not a millisecond before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.record(drawn), async ({ size, left, perDay, limit, passed, window, deadlineIn }) => {
      const rig = openRig();
      try {
        rig.clock.advance(passed * second);
        const now = rig.clock.now();
        const deadline = deadlineIn === undefined ? undefined : now + deadlineIn * second;
        const addresses = await rig.plan("offer", new Array<number>(size).fill(2));
        const schedule = { ...window, ...(deadline !== undefined && { deadline }) };
        if (window ?? deadline) await rig.setCampaign("offer", schedule);
        const ours = {
          batches: size,
          deadline,
          window: window && { from: window.windowFrom, to: window.windowTo },
        };
        const outlook = {
          ...{ blockedUntil: 0, sends: { left, perDay }, minute: { takenAt: [], limit }, others: [] },
        };
        const today = rig.limits().day;
        const limits = () => ({
          minuteCalls: limit,
          sendCalls: rig.limits().day === today ? left : perDay,
        });

        const moments = forecast(ours, outlook, now);
        let before = now;
        for (const [index, address] of addresses.entries()) {
          const at = moments[index] ?? null;
          if (at === null) {
            rig.clock.set(deadline ?? now);
            expect(await rig.begin(address, limits())).toMatchObject({ word: "drop", why: "deadline" });
            continue;
          }
          if (at > before) {
            rig.clock.set(at - 1);
            expect((await rig.begin(address, limits())).word).toBe("wait");
          }
          rig.clock.set(at);
          await rig.go(address, limits());
          await rig.accept(address, `${1_000 + index}`);
          before = at;
        }
      } finally {
        await rig.quit();
      }
    }),
    { numRuns: 40 },
  );
});
