import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { Account } from "../../src/campaign/account.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { JobView } from "../../src/queues/worker.ts";
import { createContents } from "../../src/store/contents.ts";
import { createAwaitLists } from "../../workers/await-lists.ts";
import { createAudienceCensus } from "../../workers/census.ts";
import { createExcludeAll } from "../../workers/exclusion.ts";
import { createGather, createReadMembers } from "../../workers/gather.ts";
import { createPrepare } from "../../workers/prepare.ts";
import { crashAfter, job, membersOf, openid, planOf, sumsHold } from "./plan-rig.ts";
import { account, type Rig, test, text } from "./rig.ts";

const acme = Account.parse({
  ...{ id: account, appid: "wx0123456789abcdef", secret: "secret", kind: "service", token: "token" },
});
const fans = (numbers: readonly number[]) => numbers.map(openid);

/** A campaign's way up to its batches; WeChat says that these people have the tag. */
function wayOf(rig: Rig, tagged: readonly number[] = []) {
  const accounts = new Map([[account, acme]]);
  const prepare = createPrepare({
    ...rig,
    contents: createContents(rig.redis, rig.keys),
    accounts,
    restoredFrom: async () => 0,
  });
  const page = async () =>
    ({ kind: "done", value: { openids: fans(tagged), next: undefined, total: 0 } }) as const;
  const readMembers = createReadMembers({
    gathering: rig.gathering,
    wechatOf: () => ({ followers: { page, tagPage: page } }),
  });
  const gather = createGather({
    ...rig,
    readMembers,
    awaitLists: createAwaitLists(rig),
    remedyOf: () => undefined,
  });
  const jobOf = (id: string, data: object): JobView => ({
    ...{ id, data, timestamp: rig.clock.now(), progress: {}, note: async () => {}, report: async () => {} },
    replaceData: async () => {},
  });
  const takeIn = (id: string, audience: object, exclude: readonly object[] = []) => {
    const out = exclude.length > 0 ? { exclude } : {};
    return prepare(jobOf(id, { account, message: text, audience, ...out }));
  };
  return {
    takeIn,
    gather,
    async plan(
      id: string,
      audience: object,
      exclude: readonly object[] = [],
      of: Rig = rig,
    ): Promise<Campaign> {
      const gathered = await gather(await takeIn(id, audience, exclude), job);
      if ("kind" in gathered) throw new Error("it sleeps");
      return gathered.state === "preparing" ? planOf(of, { shards: 4 })(gathered, job) : gathered;
    },
  };
}

const inline = (numbers: readonly number[]) => ({ type: "openids", openids: fans(numbers) });

async function upload(rig: Rig, numbers: readonly number[]): Promise<{ type: string; audienceId: string }> {
  async function* blocks() {
    yield fans(numbers);
  }
  const { id } = await rig.lists.store(blocks(), { now: rig.clock.now() });
  return { type: "list", audienceId: id };
}

const some = fc.array(fc.nat(20), { minLength: 1, maxLength: 25 });

describe("a campaign that leaves people out", () => {
  test("sends to nobody of them, whoever names them, with sums that hold; the dry run counts the same", async ({
    rig,
  }) => {
    let round = 0;
    const census = createAudienceCensus({ ...rig, excludeAll: createExcludeAll(rig) });
    const source = fc.record({ kind: fc.constantFrom("openids", "list", "tag"), numbers: some });
    await fc.assert(
      fc.asyncProperty(
        some,
        fc.array(source, { maxLength: 4 }),
        fc.array(fc.nat(20)),
        async (list, out, dns) => {
          rig.clock.advance(31 * 24 * 3_600_000);
          for (let at = 0; at <= 20; at++) await rig.doNotSend.drop(account, openid(at));
          await rig.doNotSend.add(account, fans(dns));
          const tagged = out.find(({ kind }) => kind === "tag")?.numbers ?? [];
          const exclude = [];
          for (const { kind, numbers } of out)
            if (kind === "tag") exclude.push({ type: "tag", tagId: 100 });
            else exclude.push(kind === "list" ? await upload(rig, numbers) : inline(numbers));
          const gone = new Set(
            [
              ...out.filter(({ kind }) => kind !== "tag").flatMap(({ numbers }) => numbers),
              ...tagged,
              ...dns,
            ].map(openid),
          );
          const under = { account, month: "2031-03", limit: 4 };
          const told = await census(under, inline(list) as never, exclude as never);
          expect(told === undefined).toBe(out.some(({ kind }) => kind === "tag"));
          const planned = await wayOf(rig, tagged).plan(`out-${round++}`, inline(list), exclude);

          const left = [...new Set(fans(list))].filter((person) => !gone.has(person));
          expect(sumsHold(planned.audience)).toBe(true);
          expect(planned.audience.duplicate).toBe(list.length - new Set(list).size);
          expect((await membersOf(rig, planned)).flat().sort()).toEqual(left.length > 1 ? left.sort() : []);
          if (told) expect(told.excluded).toBe(new Set(list).size - left.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("plans the same after a crash between shards, though the do-not-send list has changed", async ({
    rig,
  }) => {
    const numbers = Array.from({ length: 40 }, (_, at) => at);
    const way = wayOf(rig);
    for (let deeds = 0; deeds < 4; deeds++) {
      rig.clock.advance(31 * 24 * 3_600_000);
      const audiences = { ...rig.audiences, admit: crashAfter(deeds)(rig.audiences.admit) };
      const crashed = way.plan(`crash-${deeds}`, inline(numbers), [inline([1, 2])], { ...rig, audiences });
      await expect(crashed).rejects.toThrow("crash");
      const campaign = await rig.campaigns.get({ account, id: `crash-${deeds}` as never });
      const before = await rig.audiences.tallies(campaign);
      await rig.doNotSend.add(account, fans(numbers.slice(0, 30)));
      const planned = await planOf(rig, { shards: 4 })(campaign, job);
      const after = await rig.audiences.tallies(campaign);
      for (const [shard, tally] of before.entries()) if (tally) expect(after[shard]).toEqual(tally);
      expect(sumsHold(planned.audience)).toBe(true);
      for (const at of [1, 2])
        expect(await rig.lookup.recipient(planned, openid(at))).toMatchObject({ outcome: "excluded" });
      for (const at of numbers) await rig.doNotSend.drop(account, openid(at));
    }
  });

  test("sends nothing when a part of what it leaves out is gone", async ({ rig }) => {
    const lost = async (id: string, exclude: readonly object[], spoil: () => Promise<unknown>) => {
      const campaign = await wayOf(rig, [1]).takeIn(id, inline([1, 2, 3]), exclude);
      const gathered = await wayOf(rig, [1]).gather(campaign, job);
      if ("kind" in gathered) throw new Error("it sleeps");
      await spoil();
      return planOf(rig)(gathered, job);
    };
    const nothing = { reason: "AUDIENCE_LOST", planned: 0, audience: { excluded: 3, admitted: 0 } };
    const own = (id: string) => rig.redis.del(rig.keys.exclusion(account, id as never));
    expect(await lost("inline", [inline([1])], () => own("inline"))).toMatchObject(nothing);
    expect(await lost("tag", [{ type: "tag", tagId: 1 }], () => own("tag"))).toMatchObject(nothing);
    const list = await upload(rig, [1]);
    const record = () => rig.redis.del(rig.keys.storedList(list.audienceId));
    expect(await lost("list", [list], record)).toMatchObject(nothing);
    const other = await upload(rig, [1]);
    const chunks = () => rig.redis.del(rig.keys.storedPeople(other.audienceId));
    expect(await lost("chunks", [other], chunks)).toMatchObject(nothing);
  });

  test("keeps the lists that it names, and is refused one that it can't have", async ({ rig }) => {
    const list = await upload(rig, [1]);
    const way = wayOf(rig);
    await way.takeIn("keeps", inline([1, 2]), [list]);
    expect(await rig.lists.remove(list.audienceId)).toBe("pinned");
    const gone = { type: "list", audienceId: randomUUID() };
    await expect(way.takeIn("gone", inline([1, 2]), [gone])).rejects.toThrow(
      "exclude: there is no such list",
    );
    const kept = await upload(rig, [1]);
    await expect(way.takeIn("half", inline([1, 2]), [kept, gone])).rejects.toThrow("there is no such list");
    await expect(way.takeIn("audience", gone, [kept])).rejects.toThrow("audience.audienceId: there is no");
    expect(await rig.lists.remove(kept.audienceId)).toBe("removed");
    const reading = await rig.readings.begin({ account: "other", source: { type: "all" } }, rig.clock.now());
    const others = { type: "list", audienceId: reading.id };
    await expect(way.takeIn("other", inline([1, 2]), [others])).rejects.toThrow("another account");
    expect(await rig.lists.pins(reading.id)).toEqual([]);
  });
});

describe("a campaign that names a list which is being read", () => {
  const begin = (rig: Rig) => rig.readings.begin({ account, source: { type: "all" } }, rig.clock.now());

  test("sleeps until it is ready, and is planned for those who are in it then", async ({ rig }) => {
    const whom = await begin(rig);
    const out = await begin(rig);
    const way = wayOf(rig);
    const campaign = await way.takeIn("waits", { type: "list", audienceId: whom.id }, [
      { type: "list", audienceId: out.id },
    ]);
    const sleeps = async (id: string, numbers: readonly number[]) => {
      const asleep = await way.gather(await rig.campaigns.get(campaign), job);
      if (!("kind" in asleep)) throw new Error("it does not sleep");
      expect(await asleep.changed()).toBe(false);
      await rig.readings.add(
        { id },
        { chunks: 0, received: 0, next: "", done: false },
        { openids: fans(numbers) },
      );
      await rig.readings.finish(id, { chunks: 1, received: numbers.length });
      expect(await asleep.changed()).toBe(true);
    };
    await sleeps(whom.id, [1, 2, 3, 4]);
    await sleeps(out.id, [4, 5]);
    const gathered = await way.gather(await rig.campaigns.get(campaign), job);
    const planned = await planOf(rig)(gathered as Campaign, job);
    expect(planned.audience).toMatchObject({ received: 4, excluded: 1, admitted: 3 });
  });

  test("sends nothing when it can't be read", async ({ rig }) => {
    const { id } = await begin(rig);
    const way = wayOf(rig);
    const campaign = await way.takeIn("fails", inline([1, 2]), [{ type: "list", audienceId: id }]);
    await rig.readings.fail(id, { code: "WECHAT_REFUSED", message: "invalid tag" });
    expect(await way.gather(campaign, job)).toMatchObject({
      ...{ state: "sending", planned: 0, reason: "AUDIENCE_LOST", audience: { received: 2, excluded: 2 } },
    });
  });
});
