#!/usr/bin/env node
import process from "node:process";
import { runCommandLine } from "./program.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  // Loaded when a command needs it: help and usage answer at once.
  open: async () => {
    const [{ openCommandLine }, { loadConfig }] = await Promise.all([
      import("../compose-cli.ts"),
      import("../config.ts"),
    ]);
    return openCommandLine(loadConfig(process.env, "cli"));
  },
  openDoctor: async () => {
    const [{ createDoctor }, { loadConfig }] = await Promise.all([
      import("../compose-doctor.ts"),
      import("../config.ts"),
    ]);
    return createDoctor(() => loadConfig(process.env, "cli"));
  },
});
