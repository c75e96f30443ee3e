import { afterAll, afterEach, beforeAll, test } from "vitest";
import { planning } from "../support/crashes/planning.ts";
import { titleOf } from "../support/crashes/point.ts";
import { openCrashRig } from "./crash-rig.ts";

let crash: Awaited<ReturnType<typeof openCrashRig>>;
beforeAll(async () => {
  crash = await openCrashRig(planning);
});
afterEach(() => crash.rig.expectClean());
afterAll(() => crash.close());

test.each(planning.map((point) => [titleOf(point), point] as const))(
  "a worker killed %s: another goes on, nobody gets it twice or not at all",
  (_, point) => crash.carryOut(point),
);
