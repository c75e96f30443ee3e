import { cpus } from "node:os";
import { openRedisServer } from "../redis-server.ts";
import { runScript } from "../script-life.ts";
import { measureAdmission } from "./admission.ts";
import { measureBatchWay } from "./batch-way.ts";
import { measureFairness } from "./fairness.ts";
import { measurePlanning } from "./planning.ts";

/** Every figure beside its naive counterpart, measured in the same run: compare ratios, not numbers. */
await runScript(async (life) => {
  print({ bench: "machine", cpu: cpus()[0]?.model, cores: cpus().length, node: process.version });
  for (const measure of [measureAdmission, measurePlanning, measureBatchWay, measureFairness]) {
    const redis = await openRedisServer();
    life.onEnd(redis.close);
    for (const line of [await measure(redis.url)].flat()) print(line);
    await life.end();
  }
});

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
