import fc from "fast-check";
import { describe, expect } from "vitest";
import type { ListId, StoredList } from "../../src/campaign/list.ts";
import { Failure } from "../../src/failure.ts";
import type { FollowerPage } from "../../src/wechat/followers.ts";
import { createReadAudience } from "../../workers/read-audience.ts";
import { crashAfter, openid } from "./plan-rig.ts";
import { account, hour, minute, type Rig, test } from "./rig.ts";
import { silent } from "./step-rig.ts";

const PAGE = 5;
const refused = { kind: "refused", error: { errcode: 45159, message: "invalid tag" } } as const;
const busy = { kind: "unclear", error: { errcode: -1, message: "system error" } } as const;

const people = (count: number, from = 0) => Array.from({ length: count }, (_, at) => openid(from + at));

/** WeChat with so many followers, in pages of five; `meets` is what the next calls meet instead. */
function createWechat(count: number) {
  const asked: string[] = [];
  const meets: (typeof refused | typeof busy | undefined)[] = [];
  const page = async (next = "") => {
    asked.push(next);
    const met = meets.shift();
    if (met) return met;
    const all = people(count);
    const start = next === "" ? 0 : all.indexOf(openid(Number(next.slice(-7)))) + 1;
    const openids = all.slice(start, start + PAGE);
    const value: FollowerPage = { openids, next: openids.at(-1) };
    return { kind: "done", value: { ...value, total: count } } as const;
  };
  const side = {
    followers: { page, tagPage: async (_tagId: number, next?: string) => page(next) },
    tags: {
      list: async () => ({ kind: "done", value: [{ id: 101, name: "VIP", count: 1 }] }) as const,
    },
  };
  return { asked, meets, wechatOf: () => side };
}

function readerOf(rig: Rig, { wechatOf }: { wechatOf: ReturnType<typeof createWechat>["wechatOf"] }) {
  const woken: string[] = [];
  const wakeCampaign = async (id: string) => void woken.push(id);
  const read = createReadAudience({
    ...rig,
    ...{ wechatOf, remedyOf: () => undefined, queues: { wakeCampaign }, log: silent },
  });
  return { read, woken };
}

const begin = (rig: Rig, source: StoredList["source"] = { type: "all" }) =>
  rig.readings.begin({ account, source: source ?? { type: "all" } }, rig.clock.now());

async function readBack(rig: Rig, id: ListId): Promise<string[]> {
  const found: string[] = [];
  const list = await rig.lists.find(id);
  if (list) for await (const lines of rig.lists.read(list)) found.push(...lines.toString().split("\n"));
  return found;
}

describe("followers that are read into a list", () => {
  test("are all there once, whenever a crash comes, and no whole page is asked for again", async ({
    rig,
  }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 23 }),
        fc.array(fc.nat(5), { maxLength: 4 }),
        async (count, lives) => {
          const wechat = createWechat(count);
          const { id } = await begin(rig);
          for (const deeds of lives) {
            const crash = crashAfter(deeds);
            const readings = {
              ...rig.readings,
              add: crash(rig.readings.add),
              finish: crash(rig.readings.finish),
            };
            await readerOf({ ...rig, readings }, wechat)
              .read(id)
              .catch(() => {});
          }
          const { read } = readerOf(rig, wechat);
          expect(await read(id)).toEqual({ kind: "done", value: { received: count } });
          expect(await readBack(rig, id)).toEqual(people(count));
          expect(await rig.readings.find(id)).toMatchObject({ state: "ready", received: count, invalid: 0 });
          const pages = Math.floor(count / PAGE) + (count % PAGE === 0 ? 1 : 2);
          expect(new Set(wechat.asked).size).toBe(pages);
          // At most one page is asked for anew in each further life.
          expect(wechat.asked.length).toBeLessThanOrEqual(pages + lives.length);
          expect(await rig.readings.open(rig.clock.now())).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("are read once by two workers at once", async ({ rig }) => {
    const wechat = createWechat(43);
    const { id } = await begin(rig);
    await Promise.all([readerOf(rig, wechat).read(id), readerOf(rig, wechat).read(id)]);
    expect(await readBack(rig, id)).toEqual(people(43));
  });

  test("have the digest that the same list has when it is uploaded", async ({ rig }) => {
    const { id } = await begin(rig);
    await readerOf(rig, createWechat(12)).read(id);
    async function* blocks() {
      yield people(12);
    }
    const uploaded = await rig.lists.store(blocks(), { now: rig.clock.now() });
    expect((await rig.readings.find(id))?.sha256).toBe(uploaded.sha256);
  });

  test("wake the campaigns that wait for them", async ({ rig }) => {
    const { id } = await begin(rig);
    await rig.lists.pin(id, "offer" as never, rig.clock.now());
    const { read, woken } = readerOf(rig, createWechat(3));
    await read(id);
    expect(woken).toEqual(["offer"]);
  });

  test("are waited for while WeChat is busy, 48 hours at most", async ({ rig }) => {
    const wechat = createWechat(12);
    const { id } = await begin(rig);
    const { read } = readerOf(rig, wechat);
    wechat.meets.push(busy);
    expect(await read(id)).toMatchObject({ kind: "sleep", delayMs: 10_000 });
    wechat.meets.push(busy);
    expect(await read(id)).toMatchObject({ kind: "sleep", delayMs: 20_000 });
    expect(await rig.readings.find(id)).toMatchObject({ state: "reading", trouble: { errcode: -1 } });
    expect(await rig.readings.open(rig.clock.now())).toEqual([id]);
    rig.clock.advance(48 * hour);
    wechat.meets.push(busy);
    expect(await read(id)).toMatchObject({ kind: "done" });
    expect(await rig.readings.find(id)).toMatchObject({ state: "failed" });
  });

  test("are given 48 hours from their last page, whatever the trouble is", async ({ rig }) => {
    const wechat = createWechat(12);
    const { id } = await begin(rig);
    const { read } = readerOf(rig, wechat);
    const lost = readerOf(rig, {
      wechatOf: () => {
        throw new Failure("ACCOUNT_UNKNOWN", "The accounts file names no such account any more.");
      },
    });
    rig.clock.advance(48 * hour);
    wechat.meets.push(undefined, busy);
    expect(await read(id)).toMatchObject({ kind: "sleep" });
    expect(await rig.readings.find(id)).toMatchObject({ received: PAGE });
    rig.clock.advance(47 * hour);
    await expect(lost.read(id)).rejects.toMatchObject({ code: "ACCOUNT_UNKNOWN" });
    rig.clock.advance(hour);
    expect(await lost.read(id)).toMatchObject({ kind: "done" });
    expect(await rig.readings.find(id)).toMatchObject({
      ...{ state: "failed", trouble: { code: "ACCOUNT_UNKNOWN" } },
    });
  });

  test("are given up at once when WeChat refuses, and what was read of them is let go", async ({ rig }) => {
    const wechat = createWechat(12);
    const { id } = await begin(rig, { type: "tag", tagId: 7 });
    const { read } = readerOf(rig, wechat);
    wechat.meets.push(refused);
    await read(id);
    expect(await rig.readings.find(id)).toMatchObject({
      ...{ state: "failed", trouble: { code: "WECHAT_REFUSED", errcode: 45159 } },
    });
    expect(await rig.redis.exists(rig.keys.storedPeople(id))).toBe(0);
    expect(await rig.readings.open(rig.clock.now())).toEqual([]);
  });

  test("may have a tag that is named by its name, which is looked up once", async ({ rig }) => {
    const wechat = createWechat(3);
    const { id } = await begin(rig, { type: "tag", name: "VIP" });
    wechat.meets.push(busy);
    const { read } = readerOf(rig, wechat);
    await read(id);
    expect(await rig.readings.find(id)).toMatchObject({ source: { type: "tag", tagId: 101 } });
    await read(id);
    expect(await rig.readings.find(id)).toMatchObject({ state: "ready", received: 3 });
    const nobody = await begin(rig, { type: "tag", name: "nobody's" });
    await read(nobody.id);
    expect(await rig.readings.find(nobody.id)).toMatchObject({ state: "failed" });
  });

  test("are read no more once the list is removed: no page comes back", async ({ rig }) => {
    const wechat = createWechat(23);
    const { id } = await begin(rig);
    const add: typeof rig.readings.add = async (...page) => {
      await rig.lists.remove(id);
      return rig.readings.add(...page);
    };
    const { read } = readerOf({ ...rig, readings: { ...rig.readings, add } }, wechat);
    expect(await read(id)).toMatchObject({ kind: "done" });
    expect(wechat.asked).toHaveLength(1);
    expect(await rig.redis.keys(`{${rig.name}*`)).toEqual([]);
  });

  test("whose record never came are forgotten after an hour", async ({ rig }) => {
    await rig.redis.zadd(rig.keys.readings, rig.clock.now(), "never");
    expect(await rig.readings.open(rig.clock.now())).toEqual(["never"]);
    rig.clock.advance(61 * minute);
    expect(await rig.readings.open(rig.clock.now())).toEqual([]);
  });
});
