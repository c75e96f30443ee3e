import { expect, test } from "vitest";
import { startProcess } from "./process.ts";

/** Short: what a long storm finds, `npm run chaos` finds. */
const args = ["--seconds", "9", "--batches", "20", "--redis-kills", "1", "--seed", "7", "--calm", "90"];

test("a storm over three workers, the server, Redis and WeChat: nobody twice, nobody lost, every report true", async () => {
  const chaos = startProcess("dist/scripts/chaos/main.js", {}, args);
  const { code } = await chaos.exited;
  const figures = chaos.lines().find((line) => line.chaos === "figures");
  expect(figures, chaos.output().slice(-3_000)).toMatchObject({
    ...{ problems: [], doubles: 0, losses: 0, redisKills: 1, campaigns: 24 },
    kills: expect.any(Number),
    faults: expect.any(Number),
  });
  expect(figures?.kills).toBeGreaterThan(3);
  // How many depends on how many calls a busy machine makes in these seconds.
  expect(figures?.faults).toBeGreaterThan(0);
  expect(figures?.accepted).toBeGreaterThanOrEqual(20);
  expect(figures?.sendCalls).toBeGreaterThanOrEqual(Number(figures?.callsSeen));
  expect(code).toBe(0);
});
