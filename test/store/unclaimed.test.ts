import { describe, expect } from "vitest";
import { createUnclaimed, SKEW_MS, UNCLAIMED_KEEP_MS } from "../../src/store/unclaimed.ts";
import { account, type Rig, second, succeeded, test, timing, trouble, twoOf } from "./rig.ts";

const counts = { total: 30_000, filtered: 10, sent: 29_980, failed: 10 };
const week = UNCLAIMED_KEEP_MS;

const unclaimedOf = (rig: Rig) => createUnclaimed(rig.redis, rig.keys);
const list = (rig: Rig, limit = 50, cursor?: string) =>
  unclaimedOf(rig).list(account, { limit, ...(cursor && { cursor }) }, rig.clock.now());
const comes = (rig: Rig, msgId: string, change: object = {}) =>
  rig.batches.deliver(account, msgId, { ...succeeded, ...change }, rig.clock.now());

describe("a result that no batch owns", () => {
  test("is listed and counted, with what WeChat said and when it came", async ({ rig }) => {
    const receivedAt = rig.clock.now();
    await comes(rig, "3147483661", { counts, total: counts.total });
    rig.clock.advance(second);
    await comes(rig, "3147483662", { state: "failed", trouble });
    expect(await list(rig)).toEqual({
      items: [
        {
          msgId: "3147483662",
          receivedAt: receivedAt + second,
          result: { state: "failed", trouble },
          maybeOurs: false,
        },
        { msgId: "3147483661", receivedAt, result: { state: "succeeded", counts }, maybeOurs: false },
      ],
      nextCursor: null,
    });
    expect(await unclaimedOf(rig).count(account, rig.clock.now())).toBe(2);
    expect(await unclaimedOf(rig).arrivedAt(account, "3147483661")).toBe(receivedAt);
    expect(await unclaimedOf(rig).count("other", rig.clock.now())).toBe(0);
  });

  test("keeps the time at which it came first", async ({ rig }) => {
    const receivedAt = rig.clock.now();
    await comes(rig, "1000");
    rig.clock.advance(second);
    await comes(rig, "1000", { state: "failed" });
    expect((await list(rig)).items).toMatchObject([{ receivedAt, result: { state: "succeeded" } }]);
  });

  test("comes page after page, each once, many of one moment too", async ({ rig }) => {
    for (let number = 0; number < 23; number++) {
      await comes(rig, `${1000 + number}`);
      if (number % 10 === 9) rig.clock.advance(second);
    }
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const { items, nextCursor } = await list(rig, 4, cursor);
      seen.push(...items.map(({ msgId }) => msgId));
      if (nextCursor === null) break;
      expect(items).toHaveLength(4);
      cursor = nextCursor;
    }
    expect(seen).toEqual(Array.from({ length: 23 }, (_, number) => `${1022 - number}`));
  });

  test("stays on its page while others come and one is claimed", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    for (let number = 1; number <= 6; number++) {
      rig.clock.advance(second);
      await comes(rig, `${number}000`);
    }
    const first = await list(rig, 2);
    rig.clock.advance(second);
    await comes(rig, "7000");
    await rig.accept(batch, "5000");
    const next = await list(rig, 2, first.nextCursor ?? "");
    const third = await list(rig, 2, next.nextCursor ?? "");
    const pages = [first, next, third].map(({ items }) => items.map(({ msgId }) => msgId));
    expect(pages).toEqual([
      ["6000", "5000"],
      ["4000", "3000"],
      ["2000", "1000"],
    ]);
    expect(third.nextCursor).toBeNull();
  });

  test("is forgotten after 7 days", async ({ rig }) => {
    await comes(rig, "1000");
    rig.clock.advance(week);
    expect(await list(rig)).toEqual({ items: [], nextCursor: null });
    expect(await unclaimedOf(rig).count(account, rig.clock.now())).toBe(0);
    await comes(rig, "1001");
    expect(await rig.redis.zrange(rig.keys.unclaimed(account), "0", "-1")).toEqual(["1001"]);
  });

  test("is listed no more once a batch has claimed it", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await comes(rig, "1000");
    await comes(rig, "2000");
    await rig.accept(batch, "1000");
    expect((await list(rig)).items).toMatchObject([{ msgId: "2000" }]);
    expect(await unclaimedOf(rig).count(account, rig.clock.now())).toBe(1);
  });

  test("of a cursor that is none is refused", async ({ rig }) => {
    await expect(list(rig, 5, "nonsense")).rejects.toMatchObject({ code: "INVALID_PARAMETER" });
  });
});

describe("a result could be a batch's own", () => {
  const maybeOurs = async (rig: Rig, msgId = "7000") => {
    await comes(rig, msgId);
    return (await list(rig)).items.find((item) => item.msgId === msgId)?.maybeOurs;
  };

  test("while the batch is in doubt, and not after it has its msg_id", async ({ rig }) => {
    const batch = await rig.planOne();
    expect(await maybeOurs(rig, "1")).toBe(false);
    rig.clock.advance(2 * SKEW_MS);
    await rig.go(batch);
    expect(await maybeOurs(rig, "2")).toBe(true);
    expect(await maybeOurs(rig, "1")).toBe(false);
    await rig.accept(batch, "1000");
    expect(await maybeOurs(rig, "2")).toBe(false);
  });

  test("when it came a little before the call by another machine's clock", async ({ rig }) => {
    const batch = await rig.planOne();
    await comes(rig, "1");
    rig.clock.advance(1);
    await comes(rig, "2");
    rig.clock.advance(SKEW_MS);
    await rig.go(batch);
    expect((await list(rig)).items.map(({ msgId, maybeOurs }) => [msgId, maybeOurs])).toEqual([
      ["2", true],
      ["1", false],
    ]);
  });

  test("not when the only call was clearly refused", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.refuse(batch, await rig.go(batch));
    expect(await maybeOurs(rig)).toBe(false);
  });

  test.for<[string, (rig: Rig) => Promise<unknown>]>([
    [
      "its window of repeats is over",
      async (rig) => {
        const batch = await rig.planOne();
        await rig.doubt(batch, await rig.go(batch));
        rig.clock.advance(timing.resendWindowMs);
        await rig.begin(batch);
        return batch;
      },
    ],
    [
      "its campaign ended while it was in doubt",
      async (rig) => {
        const batch = await rig.planOne();
        await rig.doubt(batch, await rig.go(batch));
        await rig.drop(batch);
        return batch;
      },
    ],
    [
      "WeChat's answer says nothing to us",
      async (rig) => {
        const batch = await rig.planOne();
        await rig.refuse(batch, await rig.go(batch), "review");
        return batch;
      },
    ],
    [
      "WeChat named the msg_id of another batch",
      async (rig) => {
        const [one, two] = await twoOf(rig);
        await rig.go(one);
        await rig.accept(one, "1000");
        await rig.go(two);
        await rig.accept(two, "1000");
        return two;
      },
    ],
  ])("while it is under review, for %s", async ([_why, toReview], { rig }) => {
    const batch = (await toReview(rig)) as Awaited<ReturnType<Rig["planOne"]>>;
    expect(await rig.state(batch)).toBe("needs_review");
    expect(await rig.inDoubt()).toEqual([]);
    rig.clock.advance(2 * SKEW_MS);
    expect(await maybeOurs(rig)).toBe(true);
    await rig.accept(batch, "3000");
    expect(await maybeOurs(rig)).toBe(false);
  });

  test("when WeChat has named two msg_ids for it, until a callback has closed it", async ({ rig }) => {
    const batch = await rig.planOne();
    rig.clock.advance(2 * SKEW_MS);
    await comes(rig, "3000");
    rig.clock.advance(2 * SKEW_MS);
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.accept(batch, "2000");
    expect((await list(rig)).items).toMatchObject([{ msgId: "3000", maybeOurs: true }]);
    await rig.end(batch);
    expect((await list(rig)).items).toMatchObject([{ msgId: "3000", maybeOurs: false }]);
  });

  test("when the msg_id that it adopted counts other people than it has", async ({ rig }) => {
    const [one, two] = await twoOf(rig);
    for (const [batch, msgId] of [
      [one, "1000"],
      [two, "2000"],
    ] as const) {
      await rig.go(batch);
      if (batch === two) await comes(rig, "2000", { total: 9_999 });
      await rig.accept(batch, msgId, true);
    }
    expect(await rig.state(two)).toBe("needs_review");
    await rig.end(one, { total: 9_999 });
    expect(await rig.state(one)).toBe("needs_review");
    expect(await rig.redis.zrange(rig.keys.review(account), "0", "-1")).toEqual(["offer~1", "offer~2"]);
    expect(await maybeOurs(rig)).toBe(true);
  });

  test("not when it has its msg_id and was only waited for in vain", async ({ rig }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, { state: "needs_review", by: "give-up", trouble });
    expect(await rig.state(batch)).toBe("needs_review");
    expect(await maybeOurs(rig)).toBe(false);
  });

  test("and a poll of a batch that got its msg_id while under review brings nothing back", async ({
    rig,
  }) => {
    const batch = await rig.planOne();
    await rig.go(batch);
    await rig.drop(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch, { by: "poll" });
    expect(await maybeOurs(rig)).toBe(false);
  });
});
