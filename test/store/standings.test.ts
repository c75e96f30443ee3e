import { expect } from "vitest";
import type { Result } from "../../src/store/batches.ts";
import { createStandings } from "../../src/store/standings.ts";
import { account, hour, minute, second, test, trouble } from "./rig.ts";

test("an account with nothing open stands at nothing", async ({ rig }) => {
  const { standing, doubts } = createStandings(rig.redis, rig.keys, rig.campaigns);
  const { campaigns, batches, waitingSince } = await standing(account, rig.clock.now());
  expect([campaigns.size, batches.size, waitingSince.size]).toEqual([0, 0, 0]);
  expect(await doubts(account, rig.clock.now())).toEqual({
    doubtSince: undefined,
    inReview: 0,
    unmatched: 0,
  });
});

test("open campaigns are read with their batches and what stops the account", async ({ rig }) => {
  const { standing } = createStandings(rig.redis, rig.keys, rig.campaigns);
  const batch = await rig.planOne();
  rig.clock.advance(minute);
  const waiting = await standing(account, rig.clock.now());
  expect([...waiting.campaigns, ...waiting.batches]).toEqual([
    ["sending", 1],
    ["planned", 1],
  ]);
  expect([...waiting.waitingSince.keys()]).toEqual(["none"]);
  await rig.blocks.put(
    account,
    { trouble, reason: "daily-quota", till: rig.clock.now() + hour },
    rig.clock.now(),
  );
  expect([...(await standing(account, rig.clock.now())).waitingSince.keys()]).toEqual(["daily-quota"]);

  rig.clock.advance(hour);
  await rig.go(batch);
  await rig.accept(batch, "1000");
  const acceptedAt = rig.clock.now();
  rig.clock.advance(second);
  expect(await standing(account, rig.clock.now())).toMatchObject({ acceptedSince: acceptedAt });
});

test("every batch under review is counted, whatever brought it there, until it is settled", async ({
  rig,
}) => {
  const { doubts } = createStandings(rig.redis, rig.keys, rig.campaigns);
  const inReview = async () => (await doubts(account, rig.clock.now())).inReview;
  const batch = await rig.planOne();
  await rig.go(batch);
  const begunAt = rig.clock.now();
  expect(await doubts(account, rig.clock.now())).toMatchObject({ doubtSince: begunAt, inReview: 0 });
  await rig.drop(batch);
  expect(await inReview()).toBe(1);
  // It gets its msg_id late, and stays under review until its result is there.
  await rig.accept(batch, "1000");
  expect(await inReview()).toBe(1);
  await rig.end(batch);
  expect(await inReview()).toBe(0);

  const other = await rig.planOne("other");
  await rig.go(other);
  await rig.accept(other, "2000");
  await rig.end(other, { state: "needs_review", by: "give-up", trouble });
  expect(await inReview()).toBe(1);
  await rig.end(other);
  expect(await inReview()).toBe(0);
});

test("a result that nobody owns is unmatched until a batch claims it, somebody books it, or its days are over", async ({
  rig,
}) => {
  const { doubts } = createStandings(rig.redis, rig.keys, rig.campaigns);
  const result: Result = { state: "succeeded", by: "callback", stops: false };
  const unmatched = async () => (await doubts(account, rig.clock.now())).unmatched;
  for (const msgId of ["1000", "2000", "3000"])
    await rig.batches.deliver(account, msgId, result, rig.clock.now());
  expect(await unmatched()).toBe(3);
  const batch = await rig.planOne();
  await rig.go(batch);
  await rig.accept(batch, "1000");
  expect(await unmatched()).toBe(2);
  await rig.redis.set(rig.keys.bookingOfMessage(account, "2000"), "booking");
  expect(await unmatched()).toBe(1);
  rig.clock.advance(7 * 24 * hour);
  expect(await unmatched()).toBe(0);
});
