import { env } from "node:process";
import { runProcess } from "../src/process.ts";

// Loaded once SIGTERM is listened to: as the first process of a container it would not be heard before.
await runProcess(async () => {
  const { loadConfig } = await import("../src/config.ts");
  const config = loadConfig(env, "worker");
  const { openWorkerProcess } = await import("../src/compose.ts");
  return openWorkerProcess(config);
});
