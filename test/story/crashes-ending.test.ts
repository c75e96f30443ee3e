import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import { callback, ending, polling } from "../support/crashes/ending.ts";
import { titleOf } from "../support/crashes/point.ts";
import { openCrashRig } from "./crash-rig.ts";

const groups = [
  { who: "a worker", points: ending, options: {} },
  { who: "a worker that asks", points: polling, options: { env: { QUNFA_POLL_MS: "300" } } },
  { who: "the server", points: callback, options: { victim: "server" } },
] as const;

describe.each(groups)("$who", ({ points, options }) => {
  let crash: Awaited<ReturnType<typeof openCrashRig>>;
  beforeAll(async () => {
    crash = await openCrashRig(points, options);
  });
  afterEach(() => crash.rig.expectClean());
  afterAll(() => crash.close());

  test.each(points.map((point) => [titleOf(point), point] as const))(
    "killed %s: another goes on, nobody gets it twice or not at all",
    (_, point) => crash.carryOut(point),
  );
});
