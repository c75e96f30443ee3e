import { afterEach, expect, test } from "vitest";
import { openRedisServer } from "../support/redis-server.ts";
import { httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Report, type Rig } from "./rig.ts";

let rig: Rig;
let second: Awaited<ReturnType<typeof openRedisServer>> | undefined;
afterEach(async () => {
  rig.expectClean({ errors: true });
  await rig.close();
  await second?.close();
});

test("Redis is killed while a call is in flight and comes back: nothing is lost, nobody gets it twice", async () => {
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

  const started = Date.now();
  const [lost] = desk.books.sends.slice(1);
  if (!lost) throw new Error("no second send");
  // Not stored, so not acknowledged: WeChat sends it again.
  expect((await desk.push(lost, {})).status).toBe(503);
  expect(Date.now() - started).toBeLessThan(5_000);
  expect((await httpRequest(`${story.url}/readyz`)).status).toBe(503);
  expect((await httpRequest(`${story.url}/v1/campaigns/outage`)).status).toBe(503);

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
