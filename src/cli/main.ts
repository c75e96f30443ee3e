#!/usr/bin/env node
import { createRequire } from "node:module";
import process from "node:process";
import { runCommandLine } from "./program.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever reads has had enough, as `head` has: there is nothing left to do.
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`The answer can't be written: ${error.message}\n`);
  process.exit(74);
});

const { version } = createRequire(import.meta.url)("qunfa/package.json") as { version: string };

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version,
  onInterrupt: (listener) => {
    process.on("SIGINT", listener);
    process.on("SIGTERM", listener);
    return () => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    };
  },
  // Loaded when a command needs it: help and usage answer at once.
  open: async () => {
    const [{ openCommandLine }, { loadConfig }] = await Promise.all([
      import("../compose-cli.ts"),
      import("../config.ts"),
    ]);
    return openCommandLine(loadConfig(process.env, "cli"));
  },
  openDoctor: async () => {
    const [{ createDoctor }, { findRedisUrls, loadConfig }] = await Promise.all([
      import("../compose-doctor.ts"),
      import("../config.ts"),
    ]);
    return createDoctor({
      readConfig: () => loadConfig(process.env, "cli"),
      findRedisUrls: () => findRedisUrls(process.env),
    });
  },
  openSandbox: async (variables) => {
    const { startSandbox } = await import("../compose-sandbox.ts");
    return startSandbox({ ...process.env, ...variables });
  },
});
