import fc from "fast-check";
import { describe, expect } from "vitest";
import { cutBatches } from "../../src/campaign/cut.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { packLines, unpackLines } from "../../src/store/blob.ts";
import { CHUNK } from "../../src/store/list-writer.ts";
import { admission, openid } from "./plan-rig.ts";
import { account, type Rig, test } from "./rig.ts";

const month = "2031-03";
const people = (count: number, from = 0) => Array.from({ length: count }, (_, at) => openid(from + at));

async function listOf(rig: Rig, chunks: number): Promise<OpenId[][]> {
  const all: OpenId[][] = [];
  for await (const lines of rig.audiences.readList({ account, id: "offer" as never, chunks }))
    all.push(lines.toString().split("\n") as OpenId[]);
  return all;
}

test("lines survive the way through a blob, Chinese and empty ones too", async () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", ""));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 2 }), async (lines) => {
      expect(await unpackLines(await packLines(lines))).toEqual(lines);
    }),
    { numRuns: 50 },
  );
  expect(await unpackLines(await packLines([]))).toEqual([]);
});

describe("a list", () => {
  test("is kept in chunks of 10,000, in its order", async ({ rig }) => {
    const campaign = await rig.prepare("offer");
    const list = people(2 * CHUNK + 1);
    const written = await rig.audiences.storeList(campaign, [...list.slice(0, 5), "bad", ...list.slice(5)]);
    expect(written).toMatchObject({ received: 2 * CHUNK + 2, invalid: 1, chunks: 3 });
    const chunks = await listOf(rig, 3);
    expect(chunks.map(({ length }) => length)).toEqual([CHUNK, CHUNK, 1]);
    expect(chunks.flat()).toEqual(list);
    for await (const entries of rig.audiences.readInvalid(campaign)) expect(entries).toEqual(["bad"]);
    expect(await rig.redis.hexists(rig.keys.list(account, campaign.id), "invalid:0")).toBe(1);
  });

  test("is small: less than 26 bytes for each of many random OpenIDs", async ({ rig }) => {
    const campaign = await rig.prepare("offer");
    const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const random = () =>
      Array.from({ length: 22 }, () => characters[Math.floor(Math.random() * 64)]).join("");
    await rig.audiences.storeList(
      campaign,
      Array.from({ length: CHUNK }, () => `oAbCdE${random()}`),
    );
    expect(await rig.redis.hstrlen(rig.keys.list(account, campaign.id), "0")).toBeLessThan(26 * CHUNK);
  });

  test("a part of which is lost is not taken for a shorter one", async ({ rig }) => {
    const campaign = await rig.prepare("offer");
    await rig.audiences.storeList(campaign, people(CHUNK + 5));
    await rig.redis.hdel(rig.keys.list(account, campaign.id), "1");
    await expect(listOf(rig, 2)).rejects.toMatchObject({ code: "AUDIENCE_LOST" });
  });
});

describe("the people of a shard", () => {
  test("are stored once, with their tally, while the campaign is being prepared", async ({ rig }) => {
    const campaign = await rig.prepare("offer", { shards: 3 });
    const tally = { admitted: 5, capped: 1, excluded: 3, duplicate: 2 };
    const others = { capped: people(1, 90), excluded: people(3, 95), duplicate: 2 };
    const five = { ...admission(1, people(5)), ...others };
    expect(await rig.audiences.admit(campaign, month, five)).toBe("stored");
    const before = await rig.dump();
    expect(await rig.audiences.admit(campaign, month, admission(1, people(9)))).toBe("done");
    expect(await rig.dump()).toEqual(before);
    expect(await rig.audiences.tallies(campaign)).toEqual([undefined, tally, undefined]);
    expect(await rig.audiences.readShard(campaign, 1)).toEqual(people(5));
    expect(await rig.audiences.readShard(campaign, 1, "capped")).toEqual(people(1, 90));
    expect(await rig.audiences.readShard(campaign, 1, "excluded")).toEqual(people(3, 95));
    expect(await rig.audiences.readShard(campaign, 2)).toEqual([]);
    // As a version stored it that excluded nobody.
    const old = JSON.stringify({ admitted: 2, capped: 0, duplicate: 1 });
    await rig.redis.hset(rig.keys.plan(account, campaign.id), "tally:0", old);
    expect((await rig.audiences.tallies(campaign))[0]).toMatchObject({ admitted: 2, excluded: 0 });
    await rig.setCampaign("offer", { state: "canceling" });
    expect(await rig.audiences.admit(campaign, month, admission(2, people(5)))).toBe("stopped");
  });
});

describe("the members of a batch", () => {
  test("are read over the borders of shards, empty ones among them", async ({ rig }) => {
    const campaign = await rig.prepare("offer", { shards: 5 });
    const shards = [people(3), people(4, 10), [], people(2, 20), people(6, 30)];
    for (const [shard, admitted] of shards.entries())
      if (admitted.length > 0) await rig.audiences.admit(campaign, month, admission(shard, admitted));
    const members = (size: number, from: [number, number], to: [number, number]) =>
      rig.audiences.members(campaign, {
        number: 1,
        size,
        from: { shard: from[0], offset: from[1] },
        to: { shard: to[0], offset: to[1] },
      });
    expect(await members(3, [0, 0], [0, 3])).toEqual(people(3));
    expect(await members(2, [1, 1], [1, 3])).toEqual(people(2, 11));
    expect(await members(7, [0, 2], [3, 2])).toEqual([openid(2), ...people(4, 10), ...people(2, 20)]);
    expect(await members(8, [1, 4], [4, 6])).toEqual([...people(2, 20), ...people(6, 30)]);
  });

  test("are the same when those of all batches are read in a row", async ({ rig }) => {
    const campaign = await rig.prepare("offer", { shards: 5 });
    const shards = [people(3), people(7, 10), [], people(1, 20), people(6, 30)];
    for (const [shard, admitted] of shards.entries())
      if (admitted.length > 0) await rig.audiences.admit(campaign, month, admission(shard, admitted));
    for (const max of [2, 3, 4, 9, 20]) {
      const cuts = cutBatches(
        shards.map(({ length }) => length),
        max,
      );
      const inARow: OpenId[][] = [];
      for await (const members of rig.audiences.membersOf(campaign, cuts)) inARow.push(members);
      const each = cuts.map((cut, index) => rig.audiences.members(campaign, { number: index + 1, ...cut }));
      expect(inARow).toEqual(await Promise.all(each));
      expect(inARow.flat()).toEqual(shards.flat());
    }
  });

  test("are all there or the batch is not sent", async ({ rig }) => {
    const campaign = await rig.prepare("offer", { shards: 2 });
    await rig.audiences.admit(campaign, month, admission(0, people(3)));
    const cut = { number: 1, size: 5, from: { shard: 0, offset: 0 }, to: { shard: 1, offset: 2 } };
    await expect(rig.audiences.members(campaign, cut)).rejects.toMatchObject({ code: "AUDIENCE_LOST" });
    const inARow = rig.audiences.membersOf(campaign, [cut]);
    await expect(inARow.next()).rejects.toMatchObject({ code: "AUDIENCE_LOST" });
  });
});
