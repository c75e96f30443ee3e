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

/** One worker's beat; `drop` is its connection lost, `live` lets so much time pass, beating every two seconds. */
async function workerOf(rig: Rig) {
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
  test("pauses every open campaign where none has run for over an hour, once", async ({ rig }) => {
    await workerOf(rig);
    await rig.plan("offer");
    rig.clock.advance(hour + second);
    await Promise.all([workerOf(rig), workerOf(rig)]);
    expect(await isPaused(rig, "offer")).toBe(true);
    await resume(rig, "offer");
    await workerOf(rig);
    expect(await isPaused(rig, "offer")).toBe(false);
  });

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
