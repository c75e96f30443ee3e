import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createServerMetrics, createWatch, createWorkerMetrics } from "../../src/compose-metrics.ts";
import { opening } from "../../src/opening.ts";
import { createKeys } from "../../src/store/keys.ts";
import { limited } from "../store/quota-rig.ts";

/** Nothing is scraped here, and so nothing read. */
const untouched = {} as never;
const parts = { redis: untouched, keys: createKeys(), clock: systemClock };

function openServer() {
  const watch = createWatch("server", ["acme"]);
  const accounts = [limited()] as never;
  createServerMetrics({
    ...{ ...parts, watch, accounts, ping: async () => 1 },
    ...{ campaigns: untouched, caps: untouched, queues: untouched },
  });
  return watch.meters.registry;
}

const openWorker = () =>
  opening(async (opened) => {
    const watch = createWatch("worker", ["acme"]);
    const config = { apiKeys: [], host: "127.0.0.1", trustedProxies: [], metricsPort: undefined };
    createWorkerMetrics({ ...parts, watch, config, countWorkers: async () => 0, log: untouched }, opened);
    return watch.meters.registry;
  });

type Row = {
  readonly name: string;
  readonly type: string;
  readonly labels: string;
  readonly process: string;
};

/** What prom-client keeps of a metric beside what its types say. */
type Kept = { readonly name: string; readonly labelNames: readonly string[] };

async function metricsOf(registry: ReturnType<typeof openServer>): Promise<Omit<Row, "process">[]> {
  const types = new Map((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]));
  return (registry.getMetricsAsArray() as unknown as Kept[]).map(({ name, labelNames }) => ({
    ...{ name, type: types.get(name) ?? "", labels: labelNames.join(", ") },
  }));
}

const rows = [
  ...readFileSync("docs/metrics.md", "utf8").matchAll(
    /^\| `(\w+)` \| (\w+) \| ([^|]+) \| (both|server|worker) \| (.+) \|$/gm,
  ),
].map(([, name = "", type = "", labels = "", process = "", meaning = ""]) => ({
  ...{ name, type, process, meaning, labels: labels.replaceAll("`", "").replace("–", "") },
}));

/** Some of the process' own are there on Linux only. */
const isEverywhere = ({ name }: { name: string }) => process.platform === "linux" || !/^process_/.test(name);
const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1);

test("docs/metrics.md lists every metric with its type, its labels and the processes that have it, and no other", async () => {
  const server = await metricsOf(openServer());
  const worker = await metricsOf(await openWorker());
  const has = (metrics: readonly { name: string }[], name: string) =>
    metrics.some((one) => one.name === name);
  const all = [...server, ...worker.filter(({ name }) => !has(server, name))].map((metric): Row => {
    const [inServer, inWorker] = [has(server, metric.name), has(worker, metric.name)];
    return { ...metric, process: inServer && inWorker ? "both" : inServer ? "server" : "worker" };
  });
  const told = rows.map(({ meaning: _meaning, ...row }) => row);
  expect(told.filter(isEverywhere).sort(byName)).toEqual(all.filter(isEverywhere).sort(byName));
  expect(rows.filter(({ meaning }) => meaning.length < 4)).toEqual([]);
});

test("every name follows Prometheus' conventions: counters end in _total, times are in seconds", () => {
  const ours = rows.filter(({ name }) => name.startsWith("qunfa_"));
  expect(ours.length).toBeGreaterThan(20);
  expect(ours.filter(({ name, type }) => (type === "counter") !== name.endsWith("_total"))).toEqual([]);
  expect(ours.filter(({ name }) => /_(age|delay|duration)$|_(ms|minutes|hours)\b/.test(name))).toEqual([]);
});

test("no label could name a person, a campaign or a message", () => {
  const known =
    "account api by code errcode kind messages method node outcome queue reading reason role route state status version";
  const labels = rows
    .filter(({ name }) => name.startsWith("qunfa_"))
    .flatMap((row) => row.labels.split(", "));
  expect(labels.filter((label) => label !== "" && !known.split(" ").includes(label))).toEqual([]);
});
