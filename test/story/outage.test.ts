import { afterEach, expect, test } from "vitest";
import { openRedisServer } from "../support/redis-server.ts";
import { httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Report, type Rig } from "./rig.ts";

let rig: Rig;
let second: Awaited<ReturnType<typeof openRedisServer>> | undefined;
afterEach(async () => {
  rig.expectClean();
  await rig.close();
  await second?.close();
});

const OUTAGE_MS = 15_000;

/** Again and again, each time answered as fast as a caller may ask for. */
async function forAsLongAs(ms: number, look: () => Promise<void>): Promise<void> {
  let looks = 0;
  const over = Date.now() + ms;
  await until(
    async () => {
      const started = Date.now();
      await look();
      expect(Date.now() - started).toBeLessThan(5_000);
      looks += 1;
      return Date.now() > over;
    },
    { timeoutMs: 2 * ms },
  );
  expect(looks).toBeGreaterThan(5);
}

test("Redis is killed while a call is in flight and comes back after 15 s: nothing is lost, nobody gets it twice", async () => {
  rig = await openRig({ accounts: { acme: {} }, appendOnly: true });
  const story = rig;
  // The test's own connections meet the outage too; QueueEvents could not be closed after it.
  await story.events.close();
  story.client.on("error", () => {});
  for (const queue of Object.values(story.queues)) queue.on("error", () => {});
  const desk = story.desk("acme");
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  // Results that meet the outage would be lost after three tries: the test hands in two itself.
  desk.script.push({}, { until: held, result: { when: "never" } }, { result: { when: "never" } });
  await story.add("outage", "acme", people(25_000));
  await until(() => desk.calls.length === 2);
  await story.shown("outage", ({ progress }) => progress.percent > 0);
  await story.redis.kill();
  letGo();
  await until(() => desk.inFlight === 0);

  const [lost] = desk.books.sends.slice(1);
  if (!lost) throw new Error("no second send");
  const readable = `${story.url}/v1/campaigns/outage`;
  await forAsLongAs(OUTAGE_MS, async () => {
    // Not stored, so not acknowledged: WeChat sends it again.
    expect((await desk.push(lost, {})).status).toBe(503);
    for (const url of [`${story.url}/readyz`, readable]) expect((await httpRequest(url)).status).toBe(503);
    expect((await httpRequest(`${story.url}/healthz`)).status).toBe(200);
    expect(JSON.parse((await httpRequest(readable)).text)).toMatchObject({ code: "REDIS_AWAY" });
  });

  second = await openRedisServer({ dir: story.redis.dir, port: story.redis.port });
  await until(async () => (await desk.push(lost, {})).status === 200, { timeoutMs: 20_000 });
  await until(() => desk.books.sends.length === 3, { timeoutMs: 20_000 });
  const [last] = desk.books.sends.slice(2);
  if (!last) throw new Error("no third send");
  expect((await desk.push(last, {})).status).toBe(200);
  const { report } = await story.shown("outage", (shown) => shown.report !== null, 60_000);
  expectOnce(desk, "outage", people(25_000));
  expectTrue(desk, "outage", report as Report);
  expect(report).toMatchObject({ state: "completed", batches: { succeeded: 3 }, countsMissing: 0 });
});
