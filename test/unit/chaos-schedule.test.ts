import { describe, expect, test } from "vitest";
import { followersOf, listOf, peopleOf } from "../../scripts/chaos/campaigns.ts";
import { drawSchedule } from "../../scripts/chaos/schedule.ts";

const accounts = ["north", "east", "south", "west"];
const draw = (seed: number, batches = 100, stormMs = 60_000) =>
  drawSchedule({ seed, stormMs, batches, redisKills: 3, accounts });

describe("what a storm brings", () => {
  test("is the same for the same seed, and other for another", () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7).events).not.toEqual(draw(8).events);
  });

  test.each([1, 2, 3])(
    "is kills of everybody, of Redis too, faults, pauses and one cancel (seed %i)",
    (seed) => {
      const { campaigns, events } = draw(seed);
      const count = (deed: string) => events.filter((event) => event.deed === deed).length;
      expect(count("kill")).toBeGreaterThan(25);
      expect(new Set(events.flatMap((event) => (event.deed === "kill" ? event.victims : []))).size).toBe(4);
      expect(count("kill-redis")).toBe(3);
      expect(count("pause")).toBe(6);
      const canceled = events.flatMap((event) => (event.deed === "cancel" ? event.ids : []));
      expect(canceled.toSorted()).toEqual(campaigns.map(({ id }) => id).sort());
      const faults = events.flatMap((event) => (event.deed === "fault" ? [event.fault.fault] : []));
      expect(new Set(faults).size).toBeGreaterThanOrEqual(15);
      expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).sort((a, b) => a - b));
    },
  );
});

describe("the campaigns", () => {
  test.each([16, 100])(
    "fill %i batches and more, though some people stand in more lists than the month allows",
    (batches) => {
      const { campaigns, followers } = draw(1, batches);
      let planned = 0;
      for (const account of accounts) {
        const times = new Map<string, number>();
        const all = followersOf(account, followers);
        for (const campaign of campaigns.filter((one) => one.account === account)) {
          const people = peopleOf(campaign, all);
          expect(new Set(people).size).toBe(people.length);
          expect(listOf(campaign, all)).toHaveLength(people.length + campaign.duplicates + campaign.invalid);
          const admitted = people.filter((openid) => (times.get(openid) ?? 0) < 4);
          for (const openid of admitted) times.set(openid, (times.get(openid) ?? 0) + 1);
          expect(admitted.length).toBeLessThanOrEqual(people.length);
          if (admitted.length < people.length) planned += 0.001;
          planned += Math.ceil(admitted.length / 10_000);
        }
      }
      expect(Math.floor(planned)).toBeGreaterThanOrEqual(batches);
      expect(planned).not.toBe(Math.floor(planned));
    },
  );
});
