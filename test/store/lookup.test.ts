import fc from "fast-check";
import { describe, expect } from "vitest";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { shardOf } from "../../src/campaign/shard.ts";
import { admission, openid } from "./plan-rig.ts";
import { account, newBatch, type Rig, test, trouble } from "./rig.ts";

/** All pages of a list; `between` runs after each. */
async function pages(
  rig: Rig,
  limit: number,
  between: (page: number) => unknown = () => {},
): Promise<string[][]> {
  const all: string[][] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await rig.lookup.list({ limit, ...(cursor && { cursor }) });
    all.push(page.items.map(({ id }) => id));
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
    await between(all.length);
  }
}

async function add(rig: Rig, id: string, createdAt: number, of = account) {
  rig.clock.set(createdAt);
  await rig.prepare(id, { account: of });
}

describe("a list of campaigns", () => {
  test("shows the newest first, of one moment the greater id, every one once, whatever the page", async ({
    rig,
  }) => {
    const rows: [string, number][] = [
      ["a", 5],
      ["b", 5],
      ["B", 5],
      ["c", 5],
      ["old", 1],
      ["d", 9],
      ["e", 7],
      ["f", 5],
    ];
    for (const [id, at] of rows) await add(rig, id, at);
    const expected = ["d", "e", "f", "c", "b", "a", "B", "old"];
    for (let limit = 1; limit <= 9; limit++) {
      const all = await pages(rig, limit);
      expect(all.flat()).toEqual(expected);
      for (const page of all.slice(0, -1)) expect(page).toHaveLength(limit);
    }
  });

  test("is empty, without a cursor, when there is none", async ({ rig }) => {
    expect(await rig.lookup.list({ limit: 5 })).toEqual({ items: [], nextCursor: null });
  });

  test("has no next page when the last one is just full", async ({ rig }) => {
    for (const id of ["a", "b", "c"]) await add(rig, id, 5);
    expect(await pages(rig, 3)).toEqual([["c", "b", "a"]]);
  });

  test("goes on where it was while campaigns are added", async ({ rig }) => {
    for (const [at, id] of ["a", "b", "c", "d", "e", "f"].entries()) await add(rig, id, 10 + at);
    const all = await pages(rig, 2, (page) => add(rig, `new-${page}`, 20 + page));
    expect(all).toEqual([
      ["f", "e"],
      ["d", "c"],
      ["b", "a"],
    ]);
  });

  test("goes by when the id was claimed last, though a crash came before the record of an earlier claim", async ({
    rig,
  }) => {
    for (const [at, id] of ["a", "b", "c", "d"].entries()) await add(rig, id, 10 + at);
    await rig.campaigns.claim("crashed" as never, account, 11);
    rig.clock.set(50);
    await rig.prepare("crashed");
    for (let limit = 1; limit <= 5; limit++)
      expect((await pages(rig, limit)).flat()).toEqual(["crashed", "d", "c", "b", "a"]);
  });

  test("leaves out an id that was claimed and has no record", async ({ rig }) => {
    await add(rig, "a", 5);
    await rig.campaigns.claim("claimed" as never, account, 6);
    expect(await pages(rig, 1)).toEqual([["a"]]);
  });

  test("can be of one account, or of one state as it is shown", async ({ rig }) => {
    for (const [at, id] of ["a", "b", "c", "d", "e"].entries())
      await add(rig, id, at, at % 2 ? "other" : account);
    const ids = async (query: object) =>
      (await rig.lookup.list({ limit: 2, ...query })).items.map(({ id }) => id);
    expect(await ids({ account })).toEqual(["e", "c"]);
    expect(await ids({ account: "other" })).toEqual(["d", "b"]);
    rig.clock.set(100);
    const batch = await rig.planOne("f");
    expect(await ids({ state: "sending" })).toEqual(["f"]);
    await rig.batches.noteWait(batch, { reason: "daily-quota", until: 7, trouble });
    expect(await ids({ state: "sending" })).toEqual([]);
    expect(await ids({ state: "waiting" })).toEqual(["f"]);
    expect(await ids({ account: "other", state: "waiting" })).toEqual([]);
    await rig.moves.pause({ account, id: "f" as CampaignId });
    expect(await ids({ state: "waiting" })).toEqual([]);
    await rig.prepare("g", { startAt: 1_000 });
    expect(await ids({ state: "scheduled" })).toEqual(["g"]);
    await rig.moves.pause({ account, id: "g" as CampaignId });
    expect(await ids({ state: "scheduled" })).toEqual([]);
    expect(await ids({ state: "paused" })).toEqual(["g", "f"]);
  });

  test.for([
    "",
    "x",
    "NTp",
    ...["x:y", "5:", "5:a", "lists:5:a", "campaigns:x:a", "campaigns:5:"].map((text) =>
      Buffer.from(text).toString("base64url"),
    ),
  ])("does not take a cursor that it did not give: %j", async (cursor, { rig }) => {
    await expect(rig.lookup.list({ limit: 5, cursor })).rejects.toMatchObject({ code: "INVALID_PARAMETER" });
  });

  test("shows each campaign once for any moments, ids and limit", async ({ rig }) => {
    const row = fc.tuple(fc.stringMatching(/^[a-zA-Z0-9._-]{1,4}$/), fc.integer({ min: 1, max: 4 }));
    const rows = fc.uniqueArray(row, { selector: ([id]) => id, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 5 }), async (all, limit) => {
        await rig.redis.del(rig.keys.campaignIndex);
        for (const [id, at] of all) {
          await rig.redis.del(rig.keys.campaignAccount(id as never), rig.keys.campaign(account, id as never));
          await add(rig, id, at);
        }
        const byAge = [...all].sort(([a, at], [b, bt]) => bt - at || (a < b ? 1 : -1)).map(([id]) => id);
        expect((await pages(rig, limit)).flat()).toEqual(byAge);
      }),
      { numRuns: 40 },
    );
  });
});

describe("one person of a campaign", () => {
  test("is looked up by hash shard, in the batch that holds their place", async ({ rig }) => {
    const campaign = await rig.prepare("offer", { shards: 4 });
    const people = Array.from({ length: 40 }, (_, at) => openid(at));
    const shards = [0, 1, 2, 3].map((shard) => people.filter((id) => shardOf(id, 4) === shard));
    for (const [shard, admitted] of shards.entries())
      await rig.audiences.admit(campaign, "2031-03", admission(shard, admitted));
    await rig.audiences.storeList(campaign, [
      ...people,
      "not one",
      "no\tone\r\nof  them",
      `x${"-".repeat(300)}`,
    ]);

    const inOrder = shards.flat();
    const place = (count: number) => {
      let [shard, offset] = [0, count];
      for (; offset > (shards[shard]?.length ?? 0); shard++) offset -= shards[shard]?.length ?? 0;
      return { shard, offset };
    };
    for (const number of [1, 2]) {
      const [from, to] = [place(20 * (number - 1)), place(20 * number)];
      await rig.batches.add(account, { ...newBatch(campaign.id, number, 20), from, to });
    }
    await rig.campaigns.startSending(campaign, { planned: 2, audience: campaign.audience, sendableAt: 0 });

    const sent = await rig.campaigns.get(campaign);
    for (const [at, id] of inOrder.entries())
      expect(await rig.lookup.recipient(sent, id)).toEqual({ outcome: "admitted", batch: at < 20 ? 1 : 2 });
    expect(await rig.lookup.recipient(sent, ` ${inOrder[0]} `)).toEqual({ outcome: "admitted", batch: 1 });
    expect(await rig.lookup.recipient(sent, openid(99))).toEqual({ outcome: "absent" });
    expect(await rig.lookup.recipient(sent, "not one")).toEqual({ outcome: "invalid" });
    for (const entry of ["no\tone\r\nof  them", `x${"-".repeat(300)}`])
      expect(await rig.lookup.recipient(sent, entry)).toEqual({ outcome: "invalid" });
    expect(await rig.lookup.recipient(sent, "not two")).toEqual({ outcome: "absent" });
  });

  test("who is on the list of one that is not planned yet is admitted, of one that never was excluded", async ({
    rig,
  }) => {
    const campaign = await rig.prepare("offer", { chunks: 1 });
    await rig.audiences.storeList(campaign, [openid(1), openid(2)]);
    expect(await rig.lookup.recipient(campaign, openid(2))).toEqual({ outcome: "admitted" });
    expect(await rig.lookup.recipient(campaign, openid(3))).toEqual({ outcome: "absent" });
    await rig.moves.cancel(campaign, "CANCELED");
    const canceled = await rig.campaigns.get(campaign);
    expect(await rig.lookup.recipient(canceled, openid(2))).toEqual({ outcome: "excluded" });
    expect(await rig.lookup.recipient(canceled, openid(3))).toEqual({ outcome: "absent" });
  });

  test("who is alone in it is excluded", async ({ rig }) => {
    const campaign = await rig.prepare("offer", { shards: 1 });
    await rig.audiences.admit(campaign, "2031-03", admission(0, [openid(1)]));
    await rig.campaigns.startSending(campaign, { planned: 0, audience: campaign.audience, sendableAt: 0 });
    expect(await rig.lookup.recipient(await rig.campaigns.get(campaign), openid(1))).toEqual({
      outcome: "excluded",
    });
  });
});
