import fc from "fast-check";
import { describe, expect } from "vitest";
import type { OpenId } from "../../src/campaign/openid.ts";
import { createAddList } from "../../workers/do-not-send-list.ts";
import { openid } from "./plan-rig.ts";
import { account, type Rig, test } from "./rig.ts";

async function allOf(rig: Rig, limit: number, of = account): Promise<OpenId[]> {
  const found: OpenId[] = [];
  let cursor: string | undefined;
  do {
    const page = await rig.doNotSend.list(of, { cursor, limit });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

async function linesOf(rig: Rig): Promise<string[]> {
  const found: string[] = [];
  const { lines } = await rig.doNotSend.all(account);
  for await (const text of lines()) found.push(...text.toString().split("\n"));
  return found;
}

describe("an account's do-not-send list", () => {
  test("is a set, whatever comes and goes in whatever order", async ({ rig }) => {
    let round = 0;
    const move = fc.record({ add: fc.boolean(), people: fc.array(fc.nat(12), { maxLength: 8 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 12 }), async (moves) => {
        const of = `account-${round++}`;
        const known = new Set<OpenId>();
        for (const { add, people } of moves) {
          const openids = people.map(openid);
          if (add) {
            const added = new Set(openids.filter((person) => !known.has(person))).size;
            expect(await rig.doNotSend.add(of, openids)).toBe(added);
            for (const person of openids) known.add(person);
          } else
            for (const person of openids)
              expect(await rig.doNotSend.drop(of, person)).toBe(known.delete(person));
        }
        expect((await allOf(rig, 3, of)).sort()).toEqual([...known].sort());
        expect(await rig.doNotSend.total(of)).toBe(known.size);
        for (let at = 0; at <= 12; at++)
          expect(await rig.doNotSend.has(of, openid(at))).toBe(known.has(openid(at)));
        for (const person of known) await rig.doNotSend.drop(of, person);
        expect(await rig.redis.keys(`{${rig.name}:${of}}*`)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test("tells one person from another whose OpenID is a part of theirs", async ({ rig }) => {
    const long = `${openid(1)}xyz` as OpenId;
    await rig.doNotSend.add(account, [long]);
    expect(await rig.doNotSend.has(account, openid(1))).toBe(false);
    expect(await rig.doNotSend.drop(account, openid(1))).toBe(false);
    expect(await allOf(rig, 10)).toEqual([long]);
  });

  test("is listed page by page, each once, though others come and go meanwhile", async ({ rig }) => {
    const stay = Array.from({ length: 300 }, (_, at) => openid(at));
    const go = Array.from({ length: 300 }, (_, at) => openid(1_000 + at));
    await rig.doNotSend.add(account, [...stay, ...go]);
    const seen: OpenId[] = [];
    let cursor: string | undefined;
    do {
      const page = await rig.doNotSend.list(account, { cursor, limit: 7 });
      seen.push(...page.items);
      const left = go.pop();
      if (left) await rig.doNotSend.drop(account, left);
      await rig.doNotSend.add(account, [openid(5_000 + seen.length)]);
      expect(page.nextCursor ?? "").not.toContain("oAbCd");
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((person) => stay.includes(person))).toHaveLength(300);
  });

  test("takes a stored list, and that again without a change", async ({ rig }) => {
    const people = Array.from({ length: 12_000 }, (_, at) => openid(at));
    async function* blocks() {
      yield [...people, "bad", people[0]];
    }
    const list = await rig.lists.store(blocks(), { now: rig.clock.now() });
    const addList = createAddList(rig);
    expect(await addList(account, list.id)).toEqual({ received: 12_002, invalid: 1, added: 12_000 });
    expect(await addList(account, list.id)).toMatchObject({ added: 0 });
    expect((await linesOf(rig)).sort()).toEqual(people);
    await expect(addList(account, "nothing")).rejects.toMatchObject({ code: "INVALID_PARAMETER" });
    const reading = await rig.readings.begin({ account, source: { type: "all" } }, rig.clock.now());
    await expect(addList(account, reading.id)).rejects.toThrow("still being read");
    await expect(addList("other", reading.id)).rejects.toThrow("another account");
  });

  test("of no one has nothing to go through", async ({ rig }) => {
    expect(await linesOf(rig)).toEqual([]);
    expect(await allOf(rig, 5)).toEqual([]);
    await expect(rig.doNotSend.list(account, { cursor: "1.ab.c", limit: 5 })).rejects.toMatchObject({
      code: "INVALID_PARAMETER",
    });
  });
});
