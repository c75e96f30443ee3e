import { cpus } from "node:os";
import { printLine } from "../print-line.ts";
import { openRedisServer } from "../redis-server.ts";
import { runScript } from "../script-life.ts";
import { measureAdmission } from "./admission.ts";
import { measureBatchWay } from "./batch-way.ts";
import { measureFairness } from "./fairness.ts";
import { measurePlanning } from "./planning.ts";
import { measureWholeWay } from "./whole-way.ts";

/** Every figure beside its naive counterpart, measured in the same run: compare ratios, not numbers. */
const measures = {
  admission: measureAdmission,
  planning: measurePlanning,
  "batch-way": measureBatchWay,
  fairness: measureFairness,
  "whole-way": measureWholeWay,
};

await runScript(async (life) => {
  printLine({ bench: "machine", cpu: cpus()[0]?.model, cores: cpus().length, node: process.version });
  const names = process.argv.slice(2);
  for (const [name, measure] of Object.entries(measures)) {
    if (names.length > 0 && !names.includes(name)) continue;
    // What is measured must not share the machine with a rewrite of the log.
    const redis = await openRedisServer({ args: ["--auto-aof-rewrite-percentage", "0"] });
    life.onEnd(redis.close);
    for (const line of await measure(redis.url)) printLine(line);
    await life.end();
  }
});
