import { afterAll, afterEach, beforeAll, test } from "vitest";
import { openRedisCluster, type RedisCluster } from "../support/redis-cluster.ts";
import { expectOnce, expectTrue, openRigOn, people } from "./rig.ts";

let cluster: RedisCluster;
let rig: Awaited<ReturnType<typeof openRig>>;
const openRig = async () => {
  const client = cluster.connect();
  const place = { url: cluster.url, connection: cluster.connect(), client, close: cluster.close };
  return openRigOn(place, { accounts: { acme: {}, north: {}, south: {} }, workers: 2 });
};

beforeAll(async () => {
  cluster = await openRedisCluster();
  rig = await openRig();
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

test("main", async () => {
  const desk = rig.desk("acme");
  const job = await rig.add("big", "acme", people(25_000));
  const report = await rig.report(job, 20_000);
  expectOnce(desk, "big", people(25_000));
  expectTrue(desk, "big", report);
});
