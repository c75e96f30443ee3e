import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { some: {}, all: {}, none: {}, doubt: {}, twice: {} } });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const used = async (account: string, openid = "") =>
  (await rig.get<{ used: number }>(`/v1/accounts/${account}/caps/${openid}`)).used;

test("who can't be reached leaves a batch that was refused for it, and the others get it once", async () => {
  const desk = rig.desk("some");
  const all = people(10_250);
  const [gone, foreign, other] = [all[17], all[101], all[10_240]] as [string, string, string];
  desk.strangers.add(gone);
  for (const openid of [foreign, other]) desk.foreign.add(openid);
  desk.script = [{ answer: { errcode: 40003 } }, { answer: { errcode: 49003 } }];
  const report = await rig.report(await rig.add("some", "some", all));
  const left = all.filter((openid) => ![gone, foreign, other].includes(openid));
  expectOnce(desk, "some", left);
  expectTrue(desk, "some", report);
  expect(report).toMatchObject({
    state: "completed",
    audience: { received: 10_250, excluded: 3, admitted: 10_247 },
    batches: { planned: 2, succeeded: 2 },
    sendCalls: 4,
  });
  for (const openid of [gone, foreign, other]) {
    expect(await rig.fateOf("some", openid)).toMatchObject({ outcome: "excluded" });
    expect(await used("some", openid)).toBe(0);
  }
  expect(await rig.fateOf("some", all[0] ?? "")).toMatchObject({ outcome: "admitted" });
  expect(await used("some", all[0])).toBe(1);
  // All three were in one batch: the other one went once more as it was.
  expect(new Set(desk.calls.map(({ clientmsgid }) => clientmsgid)).size).toBe(3);
}, 60_000);

test("a batch in which nobody is left is over, and its people are counted as excluded", async () => {
  const desk = rig.desk("none");
  for (const openid of people(3).slice(0, 2)) desk.strangers.add(openid);
  desk.script = [{ answer: { errcode: 40003 } }];
  const report = await rig.report(await rig.add("none", "none", people(3)));
  expect(report).toMatchObject({
    ...{ state: "failed", reason: "NOBODY_TO_SEND", sendCalls: 1 },
    audience: { received: 3, excluded: 3, admitted: 0 },
  });
  for (const openid of people(3)) expect(await used("none", openid)).toBe(0);
});

test("one that is refused again though all can be reached has failed, and its reservations go back", async () => {
  const desk = rig.desk("twice");
  desk.script = [{ answer: { errcode: 40031 } }, { answer: { errcode: 40031 } }];
  const report = await rig.report(await rig.add("twice", "twice", people(5)));
  expect(report).toMatchObject({
    state: "failed",
    reason: "REFUSED",
    sendCalls: 2,
    audience: { admitted: 5 },
  });
  expect(await used("twice", people(1)[0])).toBe(0);
});

test("a batch in doubt keeps its members, whatever its repeat is told", async () => {
  const desk = rig.desk("doubt");
  desk.script = [{ answer: "cut", accept: false }, { answer: { errcode: 40003 } }];
  const report = await rig.report(await rig.add("doubt", "doubt", people(5)));
  expect(report).toMatchObject({ state: "partly_completed", reason: "NEEDS_REVIEW" });
  expect(desk.describeCalls).toBe(0);
});
