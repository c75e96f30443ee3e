import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

/** WeChat heeds a forced refresh every 30 s, so most of these wait that long, side by side. */
const patienceMs = 90_000;

const accounts = ["fluke", "lost", "unheard", "row"];
let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: Object.fromEntries(accounts.map((id) => [id, {}])), workers: 2 });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const refused = { answer: { errcode: 40001 } };

describe.concurrent("an access token", () => {
  test("that is refused again a moment later, though it is good, stops nobody for ten minutes", async ({
    expect,
  }) => {
    const desk = rig.desk("fluke");
    desk.script.push(refused, {}, refused);
    const report = await rig.report(await rig.add("fluke", "fluke", people(25_000)), patienceMs);
    expectOnce(desk, "fluke", people(25_000));
    expectTrue(desk, "fluke", report);
    expect(report).toMatchObject({ state: "completed", sendCalls: 5 });
    expect(desk.calls.map(({ errcode }) => errcode)).toEqual([40001, 0, 40001, 0, 0]);
    const [first = 0, second = 0, ...more] = desk.forcedAt;
    expect(second - first).toBeGreaterThanOrEqual(30_000);
    expect(more).toEqual([]);
  });

  test.for([
    ["lost", true],
    ["unheard", false],
  ] as const)(
    "is replaced in seconds though the answer to its forced refresh is %s (and that made: %s)",
    async ([id, refreshes], { expect }) => {
      const desk = rig.desk(id);
      await rig.report(await rig.add(`${id}-before`, id, people(20)));
      desk.spoilToken();
      desk.lostForces.push({ refreshes });
      const job = await rig.add(id, id, people(20));
      await until(() => desk.lostForces.length === 0);
      expect((await rig.show(id)).waitingFor).toBeNull();
      const report = await rig.report(job);
      expectOnce(desk, id, people(20));
      expect(report).toMatchObject({ state: "completed", sendCalls: 2 });
      expect(desk.forcedAt).toHaveLength(1);
    },
  );

  test("refused twice in a row stops its account, and a resume gives it a fresh try each time", async ({
    expect,
  }) => {
    const desk = rig.desk("row");
    desk.script.push(refused, refused, refused, refused);
    const job = await rig.add("row", "row", people(20));
    for (const calls of [2, 4]) {
      const { waitingFor } = await rig.shown("row", ({ state }) => state === "waiting", patienceMs);
      expect(waitingFor).toMatchObject({ reason: "account", errcode: 40001 });
      // However often it is resumed, the next stop is again one of ten minutes.
      const waitMs = new Date(waitingFor?.until ?? 0).getTime() - Date.now();
      expect(waitMs).toBeGreaterThan(540_000);
      expect(waitMs).toBeLessThanOrEqual(600_000);
      await rig.reconciled();
      expect(desk.calls).toHaveLength(calls);
      expect(await rig.moveAccount("resume", "row")).toMatchObject({ status: 200 });
      if (calls === 2) await until(() => desk.calls.length > 2);
    }
    const report = await rig.report(job);
    expectOnce(desk, "row", people(20));
    expect(report).toMatchObject({ state: "completed", sendCalls: 5 });
    expect(desk.forcedAt).toHaveLength(2);
  });
});
