import { afterEach, expect, test } from "vitest";
import { findFaketime } from "../../scripts/faketime.mjs";
import { startProcess } from "./process.ts";
import { openRig, people, type Rig } from "./rig.ts";

/** As in `faketime.test.ts`; without it `test/store/redis-clock.test.ts` tells the same with a clock of ours. */
const library = findFaketime();
const sentence = "The clock of this process differs from that of Redis";

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
});

test("processes that tell Redis' time say nothing of it, and qunfa doctor passes", async () => {
  rig = await openRig({ accounts: { acme: {} }, appendOnly: true });
  const [worker] = rig.workers();
  await rig.report(await rig.add("right", "acme", people(20)));
  expect(worker?.lines().filter(({ msg }) => msg === sentence)).toEqual([]);

  const doctor = startProcess("dist/src/cli/main.js", rig.settings, ["doctor"]);
  expect(await doctor.exited).toEqual({ code: 0, signal: null });
  expect(doctor.output()).toMatch(/workers connected +│ ok +│ 1/);
});

test.skipIf(library === undefined).each(["+5s", "-2m", "+1d"])(
  "processes whose clock is %s off say so at their start, and qunfa doctor fails",
  async (offset) => {
    rig = await openRig({ accounts: { acme: {} }, workers: 0, appendOnly: true });
    const env = { LD_PRELOAD: library ?? "", FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
    const unit = { s: 1_000, m: 60_000, d: 86_400_000 }[offset.at(-1) ?? ""] ?? 0;
    const expectedMs = Number.parseInt(offset, 10) * unit;

    const worker = await rig.startWorker(env);
    const { process: server } = await rig.startServer(env);
    for (const process of [worker, server]) {
      const { level, skewMs } = await process.says(sentence);
      expect(level).toBe(40);
      expect(Math.abs(Number(skewMs) - expectedMs)).toBeLessThan(1_000);
    }

    const doctor = startProcess("dist/src/cli/main.js", { ...rig.settings, ...env }, [
      "doctor",
      "-o",
      "json",
    ]);
    expect(await doctor.exited).toEqual({ code: 78, signal: null });
    const { checks } = JSON.parse(doctor.output()) as { checks: { check: string; state: string }[] };
    expect(checks.filter(({ state }) => state === "fail")).toMatchObject([
      { check: "clock", code: "CLOCK_OFF" },
    ]);
  },
);
