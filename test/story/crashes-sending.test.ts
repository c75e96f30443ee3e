import { afterAll, afterEach, beforeAll, test } from "vitest";
import { titleOf } from "../support/crashes/point.ts";
import { sending } from "../support/crashes/sending.ts";
import { openCrashRig } from "./crash-rig.ts";

let crash: Awaited<ReturnType<typeof openCrashRig>>;
beforeAll(async () => {
  crash = await openCrashRig(sending);
});
afterEach(() => crash.rig.expectClean());
afterAll(() => crash.close());

test.each(sending.map((point) => [titleOf(point), point] as const))(
  "a worker killed %s: another goes on, nobody gets it twice or not at all",
  (_, point) => crash.carryOut(point),
);
