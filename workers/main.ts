import { env } from "node:process";
import { openWorkerProcess } from "../src/compose.ts";
import { loadConfig } from "../src/config.ts";
import { runProcess } from "../src/process.ts";

await runProcess(async () => openWorkerProcess(loadConfig(env, "worker")));
