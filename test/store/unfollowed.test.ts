import fc from "fast-check";
import { describe, expect } from "vitest";
import type { OpenId } from "../../src/campaign/openid.ts";
import type { FollowEvent } from "../../src/store/unfollowed.ts";
import { openid } from "./plan-rig.ts";
import { account, hour, type Rig, second, test } from "./rig.ts";

const known = async (rig: Rig, people: readonly OpenId[]) => [
  ...(await (await rig.unfollowed.among(account))(people)),
];
const one = openid(1);

describe("who has unfollowed", () => {
  test("is told until they follow again, of this account alone", async ({ rig }) => {
    const at = rig.clock.now();
    expect(await known(rig, [one])).toEqual([]);
    expect(await rig.unfollowed.note(account, one, "unsubscribe", at)).toBe("unfollowed");
    expect(await known(rig, [openid(0), one, openid(2)])).toEqual([one]);
    expect([...(await (await rig.unfollowed.among("other"))([one]))]).toEqual([]);
    expect(await rig.unfollowed.note(account, one, "subscribe", at + second)).toBe("follows");
    expect(await known(rig, [one])).toEqual([]);
  });

  test("stays so when the event comes again, and leaves one entry of 12 bytes", async ({ rig }) => {
    for (let times = 0; times < 3; times++)
      await rig.unfollowed.note(account, one, "unsubscribe", rig.clock.now() + times * second);
    const names = await rig.redis.keys(`${rig.keys.unfollowed(account, 0).slice(0, -1)}*`);
    expect(names).toHaveLength(1);
    expect(await rig.redis.strlen(names[0] ?? "")).toBe(12);
  });

  test("an older unsubscribe that comes behind a newer subscribe counts for nothing", async ({ rig }) => {
    const at = rig.clock.now();
    await rig.unfollowed.note(account, one, "subscribe", at);
    expect(await rig.unfollowed.note(account, one, "unsubscribe", at - second)).toBe("follows");
    expect(await known(rig, [one])).toEqual([]);
    expect(await rig.unfollowed.note(account, one, "unsubscribe", at + second)).toBe("unfollowed");
    expect(await rig.unfollowed.note(account, one, "subscribe", at)).toBe("unfollowed");
    expect(await known(rig, [one])).toEqual([one]);
  });

  test("is no more who does what only a follower can, though the subscribe was lost", async ({ rig }) => {
    const at = rig.clock.now();
    await rig.unfollowed.note(account, one, "unsubscribe", at);
    expect(await rig.unfollowed.note(account, one, "seen", at - second)).toBe("unfollowed");
    expect(await rig.unfollowed.note(account, one, "seen", at + second)).toBe("follows");
    expect(await known(rig, [one])).toEqual([]);
  });

  test("leaves nothing in Redis but what expires, once everybody follows again", async ({ rig }) => {
    const people = Array.from({ length: 50 }, (_, at) => openid(at));
    for (const person of people) await rig.unfollowed.note(account, person, "unsubscribe", rig.clock.now());
    for (const person of people) await rig.unfollowed.note(account, person, "seen", rig.clock.now());
    expect(await rig.redis.keys(`{${rig.name}:*`)).toEqual([]);
    await rig.unfollowed.note(account, one, "subscribe", rig.clock.now());
    const [key = "", ...others] = await rig.redis.keys(`{${rig.name}:*`);
    expect(others).toEqual([]);
    expect(key).not.toContain(one);
    const left = await rig.redis.pttl(key);
    expect(left).toBeGreaterThan(23 * hour);
    expect(left).toBeLessThanOrEqual(24 * hour);
  });

  test("is the same whatever the order and number in which the events come", async ({ rig }) => {
    const event = fc.record({
      person: fc.integer({ min: 0, max: 3 }).map(openid),
      what: fc.constantFrom<FollowEvent>("subscribe", "unsubscribe"),
      at: fc.integer({ min: 1, max: 6 }),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 14 }).chain((events) =>
          fc.tuple(
            fc.constant(events),
            // A handler may keep and repeat any of them.
            fc.shuffledSubarray([...events, ...events], {
              minLength: 2 * events.length,
              maxLength: 2 * events.length,
            }),
          ),
        ),
        async ([events, coming]) => {
          const account = `round-${round++}`;
          const start = rig.clock.now();
          for (const { person, what, at } of coming)
            await rig.unfollowed.note(account, person, what, start + at * second);
          const people = [0, 1, 2, 3].map(openid);
          const newest = (person: OpenId, what: FollowEvent) =>
            Math.max(0, ...events.filter((e) => e.person === person && e.what === what).map((e) => e.at));
          const gone = people.filter((of) => newest(of, "unsubscribe") > newest(of, "subscribe"));
          expect([...(await (await rig.unfollowed.among(account))(people))]).toEqual(gone);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("are told apart among thousands, in shards that grow and shrink", async ({ rig }) => {
    const people = Array.from({ length: 3_000 }, (_, at) => openid(at));
    const at = rig.clock.now();
    await Promise.all(people.map((person) => rig.unfollowed.note(account, person, "unsubscribe", at)));
    const back = people.filter((_, index) => index % 3 === 0);
    await Promise.all(back.map((person) => rig.unfollowed.note(account, person, "subscribe", at + second)));
    const others = Array.from({ length: 20_000 }, (_, index) => openid(3_000 + index));
    const expected = people.filter((_, index) => index % 3 !== 0);
    expect(await known(rig, [...others, ...people])).toEqual(expected);
  });
});
