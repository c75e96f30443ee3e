import { env } from "node:process";
import { runProcess } from "./process.ts";

// Loaded once SIGTERM is listened to: as the first process of a container it would not be heard before.
await runProcess(async () => {
  const { loadConfig } = await import("./config.ts");
  const config = loadConfig(env, "server");
  const { openServerProcess } = await import("./compose.ts");
  return openServerProcess(config);
});
