import { afterEach, describe, expect } from "vitest";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { createLogger } from "../../src/log.ts";
import { createBeat } from "../../src/store/beat.ts";
import { openBeat } from "../../workers/beat.ts";
import { account, hour, minute, type Rig, second, test } from "./rig.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/**
 * One worker's beat; `drop` is its connection lost, `live` lets so much time pass, beating every two seconds.
 * Redis was started just now, unless a test says since when it runs.
 */
async function workerOf(rig: Rig, redisStartedAt = rig.clock.now()) {
  let drop = () => {};
  let between: (() => Promise<void>) | undefined;
  const beats = createBeat(rig.redis, rig.keys);
  const beat = await openBeat({
    ...rig,
    beats: {
      ...beats,
      beat: async (...of) => {
        const answer = await beats.beat(...of);
        await between?.();
        return answer;
      },
    },
    accounts: [account],
    uptimeMs: async () => rig.clock.now() - redisStartedAt,
    onDrop: (listener) => {
      drop = listener;
    },
    log: createLogger("silent"),
  });
  closers.push(beat.close);
  const calls = beat.guard(rig.calls);
  const live = async (ms: number) => {
    for (let left = ms; left > 0; left -= 2 * second) {
      rig.clock.advance(2 * second);
      drop();
      await calls.begin(
        { account, campaign: "none" as CampaignId, number: 1 },
        rig.limits(),
        rig.clock.now(),
      );
    }
  };
  /** Happens while the answer to the next beat is on its way. */
  const meanwhile = (deed: () => Promise<void>) => {
    between = async () => {
      between = undefined;
      await deed();
      drop();
    };
  };
  return { drop: () => drop(), live, calls, meanwhile };
}

/** What Redis held then, put back: an older backup. */
async function backupOf({ redis, keys }: Rig) {
  const held = await redis.hgetall(keys.beat);
  return async () => {
    await redis.del(keys.beat);
    if (Object.keys(held).length > 0) await redis.hset(keys.beat, held);
  };
}

const isPaused = async ({ redis, keys }: Rig, id: string) =>
  (await redis.hget(keys.campaign(account, id as CampaignId), "paused")) === "true";
const resume = ({ moves, clock }: Rig, id: string) =>
  moves.resume({ account, id: id as CampaignId }, { from: "paused", lift: false }, clock.now());

describe("a worker that has lived on while Redis went back in time", () => {
  test("pauses every open campaign before the next call, and leaves what a person resumes", async ({
    rig,
  }) => {
    const worker = await workerOf(rig);
    const other = await workerOf(rig);
    await worker.live(minute);
    const restore = await backupOf(rig);
    const [batch] = await rig.plan("offer");
    await rig.plan("second");
    await worker.live(minute);
    await other.live(minute);
    await restore();

    worker.drop();
    if (!batch) throw new Error("no batch");
    expect(await worker.calls.begin(batch, rig.limits(), rig.clock.now())).toMatchObject({
      reason: "paused",
    });
    expect([await isPaused(rig, "offer"), await isPaused(rig, "second")]).toEqual([true, true]);

    expect(await resume(rig, "offer")).toBe("moved");
    other.drop();
    expect(await other.calls.begin(batch, rig.limits(), rig.clock.now())).toMatchObject({ word: "go" });
    await workerOf(rig);
    expect(await isPaused(rig, "offer")).toBe(false);
  });

  test("pauses them when Redis has come back empty, too", async ({ rig }) => {
    const worker = await workerOf(rig);
    await worker.live(minute);
    await rig.redis.del(rig.keys.beat);
    const [batch] = await rig.plan("offer");
    worker.drop();
    if (!batch) throw new Error("no batch");
    expect(await worker.calls.begin(batch, rig.limits(), rig.clock.now())).toMatchObject({
      reason: "paused",
    });
  });

  test("goes on by itself when no more than the last seconds are gone, as after a kill", async ({ rig }) => {
    const [worker, other] = [await workerOf(rig), await workerOf(rig)];
    await rig.plan("offer");
    await worker.live(minute);
    for (const lostMs of [2 * second, 4 * second, 8 * second]) {
      const restore = await backupOf(rig);
      await worker.live(lostMs / 2);
      await other.live(lostMs / 2);
      await restore();
      worker.drop();
      await worker.live(2 * second);
      expect(await isPaused(rig, "offer"), `${lostMs} ms`).toBe(false);
    }
  });

  test("goes on by itself after an outage of any length that has lost nothing", async ({ rig }) => {
    const worker = await workerOf(rig);
    await rig.plan("offer");
    await worker.live(minute);
    rig.clock.advance(5 * hour);
    worker.drop();
    await worker.live(2 * second);
    expect(await isPaused(rig, "offer")).toBe(false);
  });

  test("asks once more when the connection is lost while it asks", async ({ rig }) => {
    const worker = await workerOf(rig);
    await worker.live(minute);
    const restore = await backupOf(rig);
    const [batch] = await rig.plan("offer");
    await worker.live(minute);
    if (!batch) throw new Error("no batch");
    worker.drop();
    worker.meanwhile(restore);
    expect(await worker.calls.begin(batch, rig.limits(), rig.clock.now())).toMatchObject({
      reason: "paused",
    });
  });
});

describe("a worker that starts", () => {
  test("pauses every open campaign where none has run for over an hour and Redis was started in it, once", async ({
    rig,
  }) => {
    await workerOf(rig);
    await rig.plan("offer");
    rig.clock.advance(hour + second);
    await Promise.all([workerOf(rig), workerOf(rig)]);
    expect(await isPaused(rig, "offer")).toBe(true);
    await resume(rig, "offer");
    await workerOf(rig);
    expect(await isPaused(rig, "offer")).toBe(false);
  });

  test("pauses nothing after a stop of any length that Redis has run through", async ({ rig }) => {
    const redisStartedAt = rig.clock.now() - hour;
    await workerOf(rig, redisStartedAt);
    await rig.plan("offer");
    rig.clock.advance(60 * hour);
    await workerOf(rig, redisStartedAt);
    expect(await isPaused(rig, "offer")).toBe(false);
    // Nor does what lies in the queue since before the stop.
    expect(await createBeat(rig.redis, rig.keys).restoredFrom()).toBe(0);
  });

  // Redis says whole seconds, and clocks may differ by two: what is in doubt is paused.
  test.for([
    { startedMs: -hour, aheadMs: 0, paused: false },
    { startedMs: -hour, aheadMs: 2 * second, paused: false },
    { startedMs: -hour, aheadMs: -2 * second, paused: false },
    { startedMs: -11 * second, aheadMs: 0, paused: false },
    { startedMs: -9 * second, aheadMs: 0, paused: true },
    { startedMs: second, aheadMs: 0, paused: true },
    { startedMs: second, aheadMs: 2 * second, paused: true },
    { startedMs: second, aheadMs: -2 * second, paused: true },
    { startedMs: 4 * hour, aheadMs: 0, paused: true },
  ])(
    "five hours after a beat, Redis started $startedMs ms after it, its own clock $aheadMs ms ahead: paused is $paused",
    async ({ startedMs, aheadMs, paused }, { rig }) => {
      const beatAt = rig.clock.now();
      await workerOf(rig);
      await rig.plan("offer");
      rig.clock.advance(5 * hour + aheadMs);
      // An uptime is a duration: this process' clock has no part in it.
      await workerOf(rig, beatAt + startedMs + aheadMs);
      expect(await isPaused(rig, "offer")).toBe(paused);
    },
  );

  test("pauses nothing within the hour, nor on a Redis that has never had a worker", async ({ rig }) => {
    await rig.plan("offer");
    await workerOf(rig);
    rig.clock.advance(hour);
    await workerOf(rig);
    expect(await isPaused(rig, "offer")).toBe(false);
  });

  test("pauses nothing when its clock is behind that of the last beat", async ({ rig }) => {
    await workerOf(rig);
    await rig.plan("offer");
    rig.clock.advance(-2 * hour);
    await workerOf(rig);
    expect(await isPaused(rig, "offer")).toBe(false);
  });

  test("finishes what another had begun to pause when it died", async ({ rig }) => {
    await workerOf(rig);
    await rig.plan("offer");
    await rig.redis.hset(rig.keys.beat, "alarm", "restored");
    await workerOf(rig);
    expect(await isPaused(rig, "offer")).toBe(true);
    expect(await rig.redis.hget(rig.keys.beat, "alarm")).toBeNull();
  });
});
