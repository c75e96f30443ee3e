import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { sumIn } from "../support/scraped.ts";
import { finishXml, httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {}, quiet: {} }, env: { QUNFA_METRICS_PORT: "0" } });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const scrape = async (base: string) => (await httpRequest(`${base}/metrics`)).text;
const workerUrl = () => {
  const [worker] = rig.workers();
  return String(worker?.lines().find(({ msg }) => msg === "The worker is ready")?.metrics);
};

test("dump", async () => {
  const job = await rig.add("spring", "acme", [...people(25_000), "bad", ...people(3)]);
  await rig.report(job);
  console.log(await scrape(rig.url));
  console.log(await scrape(workerUrl()));
});
