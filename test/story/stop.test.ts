import { afterEach, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
afterEach(async () => {
  rig.expectClean();
  await rig.close();
});

test("SIGTERM while WeChat does not answer at all: the worker is gone within 25 s, and nothing is lost", async () => {
  const env = { QUNFA_SEND_TIMEOUT_MS: "60000", QUNFA_LOCK_MS: "5000" };
  rig = await openRig({ accounts: { acme: {} }, env });
  const desk = rig.desk("acme");
  const [first] = rig.workers();
  if (!first) throw new Error("no worker");
  desk.script.push({ accept: true, until: new Promise<never>(() => {}) });
  const job = await rig.add("stop", "acme", people(12_000));
  await until(() => desk.calls.length === 1);

  const asked = Date.now();
  first.kill("SIGTERM");
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(Date.now() - asked).toBeLessThan(25_000);

  await rig.startWorker({ QUNFA_SEND_TIMEOUT_MS: "1000" });
  const report = await rig.report(job);
  expectOnce(desk, "stop", people(12_000));
  expectTrue(desk, "stop", report);
  expect(report).toMatchObject({ state: "completed", sendCalls: 3 });
});
