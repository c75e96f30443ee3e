import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {}, fair: {} } });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

test.each([
  [10_001, [10_000 - 1, 2]],
  [20_001, [10_000, 10_000 - 1, 2]],
  [20_000, [10_000, 10_000]],
  [2, [2]],
])("%i people go out in batches of %j: none of one", async (count, sizes) => {
  const desk = rig.desk("acme");
  const id = `cut-${count}`;
  const report = await rig.report(await rig.add(id, "acme", people(count)));
  expectOnce(desk, id, people(count));
  expectTrue(desk, id, report);
  expect(report).toMatchObject({ state: "completed", sendCalls: sizes.length });
  expect((await rig.batches(id)).map(({ size }) => size)).toEqual(sizes);
});

test.each([
  [
    "one valid recipient alone",
    ["no", "oStory_0000000000000000000001", "oStory_0000000000000000000001"],
    { invalid: 1, duplicate: 1, excluded: 1 },
  ],
  ["nobody but malformed entries", ["no", "", 7], { invalid: 3, duplicate: 0, excluded: 0 }],
])("%s: the report is failed, NOBODY_TO_SEND, and WeChat is not called", async (_, openids, counts) => {
  const desk = rig.desk("acme");
  const id = `nobody-${counts.invalid}`;
  const calls = desk.calls.length;
  const report = await rig.report(await rig.add(id, "acme", openids));
  expectTrue(desk, id, report);
  expect(report).toMatchObject({ state: "failed", reason: "NOBODY_TO_SEND", sendCalls: 0 });
  expect(report.audience).toEqual({ received: 3, capped: 0, admitted: 0, ...counts });
  expect(report.batches.planned).toBe(0);
  expect(await rig.show(id)).toMatchObject({ state: "failed", report });
  expect(desk.calls).toHaveLength(calls);
});

test("a campaign of two people does not stand behind all ten batches of another", async () => {
  const desk = rig.desk("fair");
  desk.usual = { delayMs: 250 };
  const large = await rig.add("large", "fair", people(100_000));
  await until(() => desk.calls.length === 1);
  const small = await rig.add("small", "fair", people(2));
  await rig.report(small);
  expect(desk.calls.findIndex(({ size }) => size === 2)).toBeLessThan(8);
  expect(await rig.report(large)).toMatchObject({ state: "completed", sendCalls: 10 });
  expectOnce(desk, "large", people(100_000));
});
