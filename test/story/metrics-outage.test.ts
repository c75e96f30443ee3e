import { afterEach, beforeEach, expect, test } from "vitest";
import { openRedisServer } from "../support/redis-server.ts";
import { sumIn } from "../support/scraped.ts";
import { httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { openRig, type Rig } from "./rig.ts";

/** Prometheus waits for 10 s by default, and many are set to 5. */
const IN_TIME_MS = 5_000;

let rig: Rig;
let second: Awaited<ReturnType<typeof openRedisServer>> | undefined;
beforeEach(async () => {
  rig = await openRig({ accounts: { acme: {} }, env: { QUNFA_METRICS_PORT: "0" } });
  // The test's own connections meet the outage too; QueueEvents could not be closed after it.
  await rig.events.close();
  rig.client.on("error", () => {});
  for (const queue of Object.values(rig.queues)) queue.on("error", () => {});
});
afterEach(async () => {
  rig.expectClean();
  await rig.close();
  await second?.close();
  second = undefined;
});

function workerUrl(): string {
  const [worker] = rig.workers();
  return String(worker?.lines().find(({ msg }) => msg === "The worker is ready")?.metrics);
}

async function scrape(base: string): Promise<string> {
  const asked = Date.now();
  const { status, text } = await httpRequest(`${base}/metrics`);
  expect([status, Date.now() - asked < IN_TIME_MS]).toEqual([200, true]);
  return text;
}

async function expectAway(): Promise<void> {
  for (const url of [rig.url, workerUrl()]) {
    // Several that wait at once cost no more than one, and none of them longer.
    const [text = ""] = await Promise.all([1, 2, 3].map(() => scrape(url)));
    expect(sumIn(text, "qunfa_redis_up"), url).toBe(0);
    expect(sumIn(text, "process_resident_memory_bytes")).toBeGreaterThan(0);
    expect(sumIn(text, "qunfa_campaigns_closed_total")).toBe(0);
    expect((await httpRequest(`${url}/healthz`)).status).toBe(200);
    expect((await httpRequest(`${url}/readyz`)).status).toBe(503);
  }
  expect(JSON.parse((await httpRequest(`${workerUrl()}/healthz`)).text)).toEqual({
    status: "ok",
    redis: "away",
  });
}

/** What was read a moment ago may be shown for a moment more: nothing that can't be read stays. */
async function expectLeftOut(): Promise<void> {
  const names = [
    "qunfa_workers",
    "qunfa_queue_jobs",
    "qunfa_campaigns",
    "qunfa_quota_left",
    "qunfa_batches_in_review",
  ];
  await until(
    async () => {
      const text = await scrape(rig.url);
      return names.every((name) => sumIn(text, name) === undefined);
    },
    { timeoutMs: 20_000 },
  );
  expect(sumIn(await scrape(rig.url), "qunfa_scrape_errors_total", { reading: "workers" })).toBeGreaterThan(
    0,
  );
}

async function expectBack(): Promise<void> {
  await until(async () => sumIn(await scrape(rig.url), "qunfa_workers") === 1, { timeoutMs: 20_000 });
  await until(async () => sumIn(await scrape(workerUrl()), "qunfa_redis_up") === 1, { timeoutMs: 20_000 });
  expect(JSON.parse((await httpRequest(`${workerUrl()}/healthz`)).text)).toEqual({
    status: "ok",
    redis: "ok",
  });
}

test("while Redis is gone both are scraped in time, without what is read from it, and all is back with it", async () => {
  await expectBack();
  const { dir, port } = rig.redis;
  await rig.redis.kill();
  await expectAway();
  await expectLeftOut();
  second = await openRedisServer({ dir, port });
  await expectBack();
});

test("while Redis stands still it is the same", async () => {
  await expectBack();
  process.kill(rig.redis.pid, "SIGSTOP");
  try {
    await expectAway();
    await expectLeftOut();
  } finally {
    process.kill(rig.redis.pid, "SIGCONT");
  }
  await expectBack();
});
