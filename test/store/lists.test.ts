import { describe, expect } from "vitest";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { Failure } from "../../src/failure.ts";
import { CHUNK } from "../../src/store/list-writer.ts";
import { createLists } from "../../src/store/lists.ts";
import { through } from "./broken-link.ts";
import { openid } from "./plan-rig.ts";
import { minute, type Rig, test } from "./rig.ts";

const offer = "offer" as CampaignId;

async function* blocks(...all: unknown[][]) {
  yield* all;
}

const people = (count: number) => Array.from({ length: count }, (_, at) => openid(at));

/** Whatever is stored of lists. */
const traces = async (rig: Rig) => [
  ...(await rig.redis.keys(`{${rig.name}:list:*`)),
  ...(await rig.redis.zrange(rig.keys.storedLists, "0", "-1")),
];

const store = (rig: Rig, ...all: unknown[][]) => rig.lists.store(blocks(...all), { now: rig.clock.now() });

async function readBack(rig: Rig, list: { id: string; chunks: number }): Promise<string[]> {
  const found: string[] = [];
  for await (const lines of rig.lists.read(list)) found.push(...lines.toString().split("\n"));
  return found;
}

describe("a stored list", () => {
  test("is what came, in its order, however it was cut into blocks", async ({ rig }) => {
    const all = people(2 * CHUNK + 3);
    const list = await rig.lists.store(blocks(all.slice(0, 7), ["bad", 5], all.slice(7)), {
      ...{ name: "November", now: rig.clock.now() },
    });
    expect(list).toMatchObject({ received: all.length + 2, invalid: 2, chunks: 3, name: "November" });
    expect(await rig.lists.find(list.id)).toEqual(list);
    expect(await readBack(rig, list)).toEqual(all);
    expect((await store(rig, all.slice(0, 9), all.slice(9))).sha256).toBe(list.sha256);
    expect((await store(rig, [...all].reverse())).sha256).not.toBe(list.sha256);
  });

  test("that is cut short, or of nothing, leaves nothing", async ({ rig }) => {
    async function* broken() {
      yield people(CHUNK + 1);
      throw new Failure("BAD_REQUEST", "The body ended early.");
    }
    const stored = rig.lists.store(broken(), { now: rig.clock.now() });
    await expect(stored).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await expect(store(rig, [], [])).rejects.toMatchObject({ code: "INVALID_PARAMETER" });
    expect(await traces(rig)).toEqual([]);
  });

  test("whose process dies goes by itself, and is no list meanwhile", async ({ rig }) => {
    let release = () => {};
    const dead = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* halted() {
      yield people(CHUNK);
      await dead;
    }
    const stored = rig.lists.store(halted(), { now: rig.clock.now() });
    const key = await firstKey(rig);
    expect(await rig.redis.pttl(key)).toBeGreaterThan(50 * minute);
    expect(await rig.redis.pttl(key)).toBeLessThanOrEqual(60 * minute);
    expect((await rig.lists.list({ limit: 10 })).items).toEqual([]);
    release();
    await stored;
    expect(await rig.redis.pttl(key)).toBe(-1);
  });

  test("whose process dies right behind a chunk goes by itself, too", async ({ rig }) => {
    let isDead = false;
    const dying = through(rig.redis, async (_, run) => {
      if (isDead) throw new Error("Connection is closed.");
      isDead = true;
      return run();
    });
    await rig.lists.store(blocks(people(1)), { now: 1 });
    const before = await traces(rig);
    const stored = createLists(dying, rig.keys).store(blocks(people(1)), { now: rig.clock.now() });
    await expect(stored).rejects.toThrow("Connection is closed.");
    const [left = "", ...others] = (await traces(rig)).filter((trace) => !before.includes(trace));
    expect(others).toEqual([]);
    expect(await rig.redis.pttl(left)).toBeGreaterThan(50 * minute);
  });

  test("whose last answer is lost leaves nothing", async ({ rig }) => {
    const deaf = through(rig.redis, async (args, run) => {
      const answer = await run();
      if (args.some((argument) => String(argument).includes("sha256"))) throw new Error("Command timed out");
      return answer;
    });
    const stored = createLists(deaf, rig.keys).store(blocks(people(1)), { now: rig.clock.now() });
    await expect(stored).rejects.toThrow("Command timed out");
    expect(await traces(rig)).toEqual([]);
  });

  test("that rested until it went is refused", async ({ rig }) => {
    async function* slow(...rest: string[][]) {
      yield people(CHUNK);
      await rig.redis.del(await firstKey(rig));
      yield* rest;
    }
    // Another chunk comes behind it, or none.
    for (const entries of [slow(), slow(people(CHUNK))])
      await expect(rig.lists.store(entries, { now: rig.clock.now() })).rejects.toMatchObject({
        code: "TOO_SLOW",
      });
    expect(await traces(rig)).toEqual([]);
  });
});

async function firstKey(rig: Rig): Promise<string> {
  for (;;) {
    const [key] = await rig.redis.keys(`{${rig.name}:list:*`);
    if (key) return key;
  }
}

describe("a list that a campaign names", () => {
  test("stays until that needs it no more", async ({ rig }) => {
    const list = await store(rig, people(3));
    rig.clock.advance(minute);
    expect(await rig.lists.pin(list.id, offer, rig.clock.now())).toEqual({
      ...list,
      usedAt: rig.clock.now(),
    });
    expect(await rig.lists.remove(list.id)).toBe("pinned");
    expect(await readBack(rig, list)).toEqual(people(3));
    const endedAt = rig.clock.now() + 5 * minute;
    expect(await rig.lists.unpin(list.id, offer, endedAt)).toBe("unpinned");
    expect(await rig.lists.unpin(list.id, offer, endedAt + 1)).toBe("done");
    expect(await rig.lists.remove(list.id, endedAt - 1)).toBe("used");
    expect(await rig.lists.remove(list.id, endedAt)).toBe("removed");
    expect(await rig.lists.remove(list.id)).toBe("gone");
    expect(await traces(rig)).toEqual([]);
  });

  test("was last used when it was taken, if that is later than the campaign's end", async ({ rig }) => {
    const list = await store(rig, people(3));
    await rig.lists.pin(list.id, offer, rig.clock.now() + minute);
    await rig.lists.unpin(list.id, offer, rig.clock.now());
    expect((await rig.lists.find(list.id))?.usedAt).toBe(rig.clock.now() + minute);
  });

  test("that is not there can't be named", async ({ rig }) => {
    expect(await rig.lists.pin("nothing", offer, 1)).toBeUndefined();
    expect(await traces(rig)).toEqual([]);
  });
});

test("lists come newest first, page by page, though others are added and removed meanwhile", async ({
  rig,
}) => {
  const stored = [];
  for (let count = 0; count < 5; count++) {
    rig.clock.advance(minute);
    stored.unshift(await store(rig, people(2)));
  }
  const first = await rig.lists.list({ limit: 2 });
  expect(first.items).toEqual(stored.slice(0, 2));
  rig.clock.advance(minute);
  await store(rig, people(2));
  await rig.lists.remove(stored[2]?.id ?? "");
  const second = await rig.lists.list({ limit: 2, cursor: first.nextCursor ?? "" });
  expect(second).toEqual({ items: stored.slice(3), nextCursor: null });
});
