import { env } from "node:process";
import { openServerProcess } from "./compose.ts";
import { loadConfig } from "./config.ts";
import { runProcess } from "./process.ts";

await runProcess(async () => openServerProcess(loadConfig(env, "server")));
